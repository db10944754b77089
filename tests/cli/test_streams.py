"""stdout and stderr that are closed, full, left by their reader, or speak another encoding."""

import subprocess
from pathlib import Path

import pytest

from reconciler.cli.streams import folded
from tests import warm
from tests.command import Project, clean_env, project
from tests.nightly import cases
from tests.sandbox.server import Sandbox

RECIPIENT = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"
FULL = "stdout: can't be written: no space left on device"


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    return project(tmp_path, env=sandbox.env)


def shell(shop: Project, line: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=shop.folder,
        env=clean_env({**shop.env, **env}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


NOBODY = [
    "2>&-",
    ">&- 2>&-",
    "<&- >&- 2>&-",
    "2>/dev/full",
    "--log-file /dev/full",
    "--log-file /dev/full 2>/dev/full",
    "2>&1 | head -1",
    "2> >(head -1)",
]


@pytest.mark.parametrize(
    "redirected",
    cases({each: each for each in NOBODY}, by_day=("2>&-", "2>/dev/full", "2>&1 | head -1")),
)
def test_a_run_goes_on_where_nobody_takes_its_narration(
    shop: Project, sandbox: Sandbox, redirected: str
) -> None:
    done = shell(shop, f"reconciler apply --yes {redirected}")

    assert done.returncode == 0, done
    assert len(shop.recorded) == sandbox.bill()["total"] == 2


@pytest.mark.parametrize("redirected", [">&-", "| true"], ids=["closed", "left"])
def test_an_answer_that_nobody_reads_changes_no_exit_code(
    shop: Project, sandbox: Sandbox, redirected: str
) -> None:
    sandbox.faults({"on": "create", "name": "sales-uk", "do": "code", "code": 100})

    done = shell(shop, f"reconciler apply --yes --log-level error {redirected}")

    assert done.returncode == 5, done
    assert "error: " not in done.stderr
    assert set(shop.recorded) == {"support-eu"}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, _shared_sandbox: Sandbox) -> Project:
    """A project whose entries are recorded; one for all commands."""
    _shared_sandbox.reset()
    shop = project(tmp_path_factory.mktemp("recorded"), env=_shared_sandbox.env)
    assert shop.run("apply", "--yes").code == 0
    return shop


ANSWERS = [
    "--help", "--version", "help plan", "help --man apply", "version", "plan", "plan -o json",
    "plan -o markdown", "plan --checksum", "validate", "validate -o sarif", "status",
    "status -o json", "schema", "apply --yes", "apply --yes -o json", "export",
    "export --format env", "init one", "init other -o json", "completion bash", "adopt --all",
    "adopt --all -o json", "state seal --recipient RECIPIENT",  # it has sealed all the same: last
]  # fmt: skip
BY_DAY = (
    *("--help", "help --man apply", "plan", "plan -o markdown", "validate -o sarif", "schema"),
    *("status -o json", "apply --yes", "export", "init one", "completion bash", "adopt --all"),
    "state seal --recipient RECIPIENT",
)


@pytest.mark.parametrize("args", cases({each: each for each in ANSWERS}, by_day=BY_DAY))
def test_an_answer_that_can_not_be_written_is_named(recorded: Project, args: str) -> None:
    line = f"reconciler {args} >/dev/full".replace("RECIPIENT", RECIPIENT)
    done = shell(recorded, line, PATH=warm.path())

    assert done.returncode == 1, done
    assert f"error: {FULL}\nhint: nothing recorded is lost" in done.stderr
    assert done.stderr.count("error: ") == 1


def test_so_it_is_where_python_keeps_nothing_back(shop: Project) -> None:
    """As in many container images."""
    done = shell(shop, "reconciler schema >/dev/full", PYTHONUNBUFFERED="1")

    assert done.returncode == 1, done
    assert f"error: {FULL}" in done.stderr


def test_a_log_file_that_is_full_is_told_of_once(shop: Project) -> None:
    done = shop.run("apply", "--yes", "--log-file", "/dev/full")

    said = [line for line in done.err.splitlines() if not line.startswith("{")]
    assert said == [
        "warning: the log file lacks lines: can't be written: no space left on device",
    ]


def test_what_is_written_to_a_closed_stream_ends_in_no_file(shop: Project) -> None:
    """A file that is opened would get the number of the stream that is missing."""
    shell(shop, "reconciler apply --yes <&- >&- 2>&-")

    assert shop.run("status").code == 0
    assert sorted(path.name for path in shop.folder.iterdir()) == [
        "instances.state.json",
        "instances.yaml",
    ]


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("latin-1", b'"Gr\xf6\xdfe \\u5e97"'), ("ascii", '"Größe 店"'.encode())],
    ids=["what it lacks is escaped", "no locale: UTF-8"],
)
def test_no_name_is_too_much_for_an_encoding(shop: Project, encoding: str, shown: bytes) -> None:
    shop.write("version: 1\ninstances:\n  a: {name: Größe 店, stateWebhook: yes}\n")

    done = subprocess.run(
        ["reconciler", "plan"],
        cwd=shop.folder,
        env=clean_env({"PYTHONIOENCODING": encoding}),
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert shown in done.stdout


@pytest.mark.parametrize("args", [[], ["state"]], ids=["reconciler", "reconciler state"])
def test_a_command_that_is_not_named_shows_the_help_on_stderr(
    shop: Project, args: list[str]
) -> None:
    done = shop.run(*args)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: reconciler")
    assert "error: " not in done.err


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("error: a b c", "error: a b\nc"),
        ("  one two three", "  one two\n  three"),
        ("averylongwordthatfitsnowhere", "averylongwordthatfitsnowhere"),
        ("see averylongwordthatfitsnowhere now", "see\naverylongwordthatfitsnowhere\nnow"),
        ("\x1b[31merror:\x1b[0m a b", "\x1b[31merror:\x1b[0m a b"),
        ("rescue: a b c d e f g h", "rescue: a b c d e f g h"),
        ('{"event": "run_started"}', '{"event": "run_started"}'),
        ("two\nlines, the second long\n", "two\nlines, the\nsecond\nlong\n"),
    ],
)
def test_a_terminal_breaks_lines_between_words(text: str, shown: str) -> None:
    assert folded(text, 10) == shown


def test_what_is_no_terminal_breaks_no_lines() -> None:
    assert folded("error: " + "x " * 100, 0) == "error: " + "x " * 100
