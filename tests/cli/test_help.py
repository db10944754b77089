"""Help: on the screen, as man pages, and for those who come from other tools."""

import shutil
import subprocess

import click
import pytest

from reconciler.cli import cli, synonyms
from reconciler.cli.pages import COMMANDS, EXAMPLES, EXIT_CODES, MEANINGS
from tests.command import clean_env, run


def paths() -> list[str]:
    """Every command that does something, as it is typed."""
    context = click.Context(cli, info_name="reconciler")
    found = []
    for name in cli.list_commands(context):
        inner = cli.get_command(context, name)
        below = inner.commands if isinstance(inner, click.Group) else {}
        found += [f"{name} {one}" for one in below] or [name]
    return found


def test_every_command_shows_examples() -> None:
    assert sorted(set(paths()) - set(EXAMPLES)) == []


@pytest.mark.parametrize("path", sorted(EXAMPLES))
def test_an_example_names_the_command_and_options_that_there_are(path: str) -> None:
    context, command = click.Context(cli, info_name="reconciler"), None
    for word in path.split():
        command = cli.get_command(context, word) if command is None else command.commands[word]  # type: ignore[attr-defined]
    assert command is not None
    known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}

    for _, call in EXAMPLES[path]:
        assert f"reconciler {path}" in call
        mine = call.partition(f"reconciler {path}")[2].partition("|")[0].partition("&")[0].split()
        assert {word for word in mine if word.startswith("-") and word != "-"} <= known


def test_a_page_has_its_options_in_sections_and_its_exit_codes() -> None:
    page = run("apply", "--help").out

    sections = [line for line in page.splitlines() if line.endswith(":") and line[0] != " "]
    assert sections == [
        "Options:", "Guards:", "Pace and patience:", "Where things are:", "What is written:",
        "Examples:", "Exit codes:",
    ]  # fmt: skip
    assert all(set(codes) <= set(MEANINGS) for codes in EXIT_CODES.values())


def test_help_is_a_command_too() -> None:
    assert run("help").out == run("--help").out
    assert run("help", "plan").out == run("plan", "--help").out
    assert run("help", "state", "seal").out == run("state", "seal", "--help").out
    assert run("version").out == run("--version").out


def test_help_for_nothing_says_so() -> None:
    done = run("help", "state", "nonsense")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: there is no command 'state nonsense'\n")


@pytest.mark.parametrize("path", ["", *sorted(EXAMPLES)])
def test_a_man_page_is_one_that_man_reads(path: str) -> None:
    page = run("help", "--man", *path.split()).out
    assert page.startswith('.TH "RECONCILER')
    if (groff := shutil.which("groff")) is None:
        pytest.skip("groff is not installed, so the page was NOT read by it")

    done = subprocess.run(
        [groff, "-man", "-Tutf8", "-ww", "-z"],
        input=page,
        env=clean_env(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("diff", "`reconciler plan`"),
        ("destroy", "reconciler apply --prune"),
        ("ls", "`reconciler status`"),
        ("sync", "`reconciler apply`"),
        ("plam", "did you mean plan?"),
        ("xyzzy", "see `reconciler --help`"),
    ],
)
def test_a_word_of_another_tool_is_answered_with_what_is_meant_here(word: str, meant: str) -> None:
    done = run(word)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: there is no command '{word}'\nhint: ")
    assert meant in done.err


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        (("plan", "--dry-run"), "`reconciler plan` shows"),
        (("apply", "-y"), "--yes"),
        (("apply", "--auto-approve"), "--yes"),
        (("apply", "--force"), "nothing is forced"),
        (("plan", "prod.yaml"), "name a manifest with -f"),
    ],
    ids=" ".join,
)
def test_an_option_of_another_tool_is_answered_with_what_is_meant_here(
    args: tuple[str, ...], meant: str
) -> None:
    done = run(*args)

    assert (done.code, done.out) == (2, "")
    assert meant in done.err.partition("\nhint: ")[2]


def test_no_word_of_another_tool_hides_a_command_or_an_option() -> None:
    context = click.Context(cli, info_name="reconciler")
    options = {
        name
        for command in (cli.get_command(context, name) for name in COMMANDS)
        if command is not None
        for param in command.params
        for name in param.opts
    }

    assert set(synonyms.COMMANDS) & set(COMMANDS) == set()
    assert set(synonyms.OPTIONS) & options == set()
