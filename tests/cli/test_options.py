"""Options that several commands share."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from reconciler.cli import cli
from tests.command import project, run


def _options(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Name every option of *command* and of those below it: the words that lead to it, then it."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _options(below, (*path, name))
    for option in command.params:
        # what may stand before the command says it behind the command
        if isinstance(option, click.Option) and option.name not in {"help", "version"} and path:
            yield (*path, option.opts[-1])


@pytest.mark.parametrize("where", tuple(_options(cli)), ids=" ".join)
def test_every_option_says_its_environment_name(where: tuple[str, ...]) -> None:
    *words, option = where
    name = option[2:].replace("-", "_").upper()

    (helped,) = re.findall(
        rf"^  (?:-\w, )?{option} .*\n(?: {{5,}}.*\n)*", _help(*words), re.MULTILINE
    )
    expected = {"RECIPIENT": "RECIPIENTS"}.get(name, name)
    prefix = "RECONCILER_SANDBOX_" if words == ["sandbox"] else "RECONCILER_"
    assert f"{prefix}{expected}" in "".join(helped.split())


@pytest.mark.parametrize("name", ["RECONCILER_API_URL", "GREEN_API_PARTNER_URL"])
def test_the_address_comes_from_either_variable(tmp_path: Path, name: str) -> None:
    env = {name: "http://api.example.com", "GREEN_API_PARTNER_TOKEN": "gac.made-up-for-a-test"}

    done = project(tmp_path).run("plan", "--refresh", env=env)

    assert done.code == 2
    assert "plain http is only allowed to this machine" in done.err


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--timeout", "nan"),
        ("--timeout", "inf"),
        ("--timeout", "0"),
        ("--rate", "nan"),
        ("--settle", "nan"),
        ("--settled-after", "nan"),
        ("--lock-timeout", "nan"),
        ("--settle", "-1"),
    ],
)
def test_a_number_of_seconds_that_no_timer_takes_is_refused(
    tmp_path: Path, option: str, value: str
) -> None:
    done = project(tmp_path).run("apply", "--yes", option, value)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: invalid value for ")


def test_a_create_may_stay_unresolved_for_ever(tmp_path: Path) -> None:
    done = project(tmp_path).run("apply", "--yes", "--settled-after", "inf")

    assert done.code == 2
    assert "there is no partner token" in done.err


@cache
def _help(*words: str) -> str:
    return run(*words, "--help").out


def test_a_variable_that_no_command_reads_is_told_of(tmp_path: Path) -> None:
    shop = project(tmp_path)

    done = shop.run("plan", env={"RECONCILER_MAX_CREATE": "5", "RECONCILER_RATE": "3"})

    assert done.code == 0
    assert done.err == (
        "warning: RECONCILER_MAX_CREATE is set, but no command reads such a variable; did you mean"
        " RECONCILER_MAX_CREATES?\n"
    )


@pytest.mark.parametrize("known", [True, False], ids=["the token", "what looks like one"])
@pytest.mark.parametrize(
    "args", [("validate", "-f"), ("validate",), ("plan", "-s"), ("validate", "-o", "json", "-f")]
)
def test_a_token_that_is_pasted_as_a_path_is_not_repeated(
    tmp_path: Path, args: tuple[str, ...], known: bool
) -> None:
    token = "gac.PastedWhereAPathIsMeant0123456789"
    env = {"GREEN_API_PARTNER_TOKEN": token} if known else {}

    done = project(tmp_path).run(*args, token, env=env)

    assert done.code == 2
    assert "a partner token is no path" in done.err
    assert token not in done.out + done.err


def test_a_log_file_that_is_a_pipe_without_a_reader_stops_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    done = project(tmp_path).run("plan", "--log-file", "pipe")

    assert done.code == 2
    assert "pipe: the log file can't be opened" in done.err


def test_a_manifest_where_a_saved_plan_is_meant_is_told_to_be_named(tmp_path: Path) -> None:
    done = run("apply", "prod.yaml", cwd=tmp_path)

    assert (done.code, done.out) == (2, "")
    assert "hint: name a manifest with -f: reconciler apply -f prod.yaml" in done.err


@pytest.mark.parametrize(
    ("args", "code"),
    [(("validate", "-f", "pipe"), 3), (("apply", "pipe"), 2), (("plan", "-s", "pipe"), 8)],
    ids=["manifest", "plan", "state"],
)
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(
    tmp_path: Path, args: tuple[str, ...], code: int
) -> None:
    os.mkfifo(tmp_path / "pipe")

    done = project(tmp_path).run(*args)

    assert done.code == code, done


def test_a_format_that_the_environment_names_for_others_is_no_obstacle(tmp_path: Path) -> None:
    shop = project(tmp_path)

    planned = shop.run("plan", env={"RECONCILER_OUTPUT": "markdown"})
    shown = shop.run("status", env={"RECONCILER_OUTPUT": "markdown"})
    wrong = shop.run("status", env={"RECONCILER_OUTPUT": "yaml"})

    assert planned.out.startswith("### 2 new billed instances")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("0 instances recorded")
    assert (wrong.code, wrong.out) == (2, "")


@pytest.mark.parametrize(
    ("args", "env", "said"),
    [
        (("--concurrency", "x"), {}, "--concurrency: a whole number from 1 to 256 is expected"),
        (("--rate", "-1"), {}, "--rate: a number of at least 0 is expected"),
        (("--timeout", "0"), {}, "--timeout: a number above 0 to 86400 is expected"),
        (
            (),
            {"RECONCILER_MAX_CREATES": "-3"},
            "RECONCILER_MAX_CREATES: a whole number of at least 0 is expected",
        ),
    ],
)
def test_a_number_that_does_not_fit_is_told_which_ones_do(
    tmp_path: Path, args: tuple[str, ...], env: dict[str, str], said: str
) -> None:
    done = project(tmp_path).run("apply", "--yes", *args, env=env)

    assert done.code == 2
    assert done.err.startswith(f"error: invalid value for {said}\n")


def test_what_another_tool_calls_so_is_answered_without_a_guess(tmp_path: Path) -> None:
    done = project(tmp_path).run("apply", "--dry-run")

    assert done.err == (
        "error: no such option '--dry-run'\n"
        "hint: `reconciler plan` shows what apply would do, and does nothing\n"
    )
