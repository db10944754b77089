"""What a debugger sees when a run fails: no variable of any frame shows a secret."""

import io
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from traceback import walk_tb
from typing import NoReturn

import click
import pytest
from rich.traceback import Traceback

from reconciler.cli import cli
from tests.canary import leaks
from tests.cli.canaries import PARTNER, QUICK, Coop, coop
from tests.sandbox.server import Sandbox, running

RECIPIENT = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"  # opens nothing here


@pytest.fixture(scope="module")
def _aviary() -> Iterator[Sandbox]:
    with running("--token", PARTNER) as sandbox:
        yield sandbox


@pytest.fixture
def aviary(_aviary: Sandbox) -> Sandbox:
    """A sandbox whose partner token is a canary."""
    _aviary.reset()
    return _aviary


Prepare = Callable[[Path, Sandbox], None]


def nothing(folder: Path, sandbox: Sandbox) -> None:
    """Leave all as it is."""


def refuse(folder: Path, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "any", "times": "always", "do": "refuse"})


def break_list(folder: Path, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "list", "times": "always", "do": "status", "status": 404})


def break_state(folder: Path, sandbox: Sandbox) -> None:
    state = folder / "instances.state.json"
    state.write_text(state.read_text().replace('"origin": "created"', '"origin": "made"', 1))


def lose_state(folder: Path, sandbox: Sandbox) -> None:
    (folder / "instances.state.json").unlink()


def change_manifest(folder: Path, sandbox: Sandbox) -> None:
    manifest = folder / "instances.yaml"
    manifest.write_text(manifest.read_text() + "  fourth: {incomingWebhook: perhaps}\n")


def block_journal(folder: Path, sandbox: Sandbox) -> None:
    (folder / "instances.state.json.journal").mkdir()


def block_fold(folder: Path, sandbox: Sandbox) -> None:
    (folder / "instances.state.json.tmp").mkdir()
    manifest = folder / "instances.yaml"
    manifest.write_text(manifest.read_text() + "  fourth: {webhookUrlToken: abcdef}\n")


APPLY = ("apply", *QUICK)
FAILURES: dict[str, tuple[tuple[str, ...], Prepare, str]] = {
    "token-refused": (("status", "--refresh"), refuse, "TokenRefused"),
    "listing": (("status", "--refresh"), break_list, "AccountUnreadable"),
    "state": (("status",), break_state, "StateError"),
    "state-of-apply": (APPLY, break_state, "StateError"),
    "guard": (APPLY, lose_state, "NameConflict"),
    "manifest": (("plan",), change_manifest, "InvalidManifest"),
    "log-file": (("plan", "--log-file", "no/folder/log"), nothing, "UsageError"),
    "plan-file": (("plan", "--out", "no/folder/plan"), nothing, "UsageError"),
    "url": ((*APPLY, "--api-url", "http://example.com"), nothing, "UsageError"),
    "recipient": ((*APPLY, "--recipient", "age1nobody"), nothing, "UsageError"),
    "export": (("export", "--format", "dotenv", "--to", "no/folder/x"), nothing, "UsageError"),
    "journal": (APPLY, block_journal, "StateError"),
    "fold": (APPLY, block_fold, "StateError"),
    "resolve": (("resolve", "first", "--id", "7"), nothing, "UsageError"),
    "adopt": (("adopt", "first"), nothing, "PlanRefused"),
}


@pytest.mark.parametrize(("words", "prepare", "expected"), FAILURES.values(), ids=FAILURES.keys())
def test_no_frame_of_a_failed_run_shows_a_secret(
    words: tuple[str, ...],
    prepare: Prepare,
    expected: str,
    aviary: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    birds = coop(tmp_path, aviary)
    enter(birds, monkeypatch)
    assert outcome_of(APPLY) is None
    prepare(tmp_path, aviary)

    within = outcome_of(words[1:], import_module(f"reconciler.cli.commands.{words[0]}").command)
    raised = outcome_of(words)

    assert type(within).__name__ == type(raised).__name__ == expected
    assert leaks(seen(within).encode(), {"partner token": PARTNER}) == []
    assert leaks(seen(raised).encode(), birds.canaries) == []


LIBRARIES = {
    "yaml.cyaml.CParser": ValueError,
    "jsonschema_rs.Draft7Validator": KeyError,
    "hmac.digest": ValueError,
    "fcntl.flock": RuntimeError,
    "os.fdatasync": OSError,
    "os.fsync": OSError,
    "pyrage.encrypt": ValueError,
    "httpx.Response.iter_bytes": OSError,
    "h11.Connection.next_event": KeyError,
    "structlog.wrap_logger": ValueError,
}


@pytest.mark.parametrize(("where", "kind"), LIBRARIES.items(), ids=LIBRARIES.keys())
def test_no_frame_shows_a_secret_when_a_library_fails(
    where: str,
    kind: type[Exception],
    aviary: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    birds = coop(tmp_path, aviary)
    enter(birds, monkeypatch)
    struck = []

    def fail(*args: object, **kwargs: object) -> NoReturn:
        struck.append(where)
        raise kind(5, "it failed")

    monkeypatch.setattr(where, fail)

    words = (*QUICK, "--recipient", RECIPIENT)
    within = outcome_of(words, import_module("reconciler.cli.commands.apply").command)
    raised = outcome_of(("apply", *words))
    monkeypatch.undo()

    assert len(struck) >= 2
    assert leaks(seen(within).encode(), {"partner token": PARTNER}) == []
    assert leaks(seen(raised).encode(), birds.canaries) == []


def test_a_secret_in_a_variable_would_be_seen() -> None:
    def fail(partner_token: str) -> NoReturn:
        url = f"https://host/{partner_token}"
        raise ValueError(len(url))

    raised = None
    try:
        fail(PARTNER)
    except ValueError as error:
        raised = error

    assert leaks(seen(raised).encode(), {"partner token": PARTNER})


def enter(birds: Coop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this process stand in the project, with its environment."""
    monkeypatch.chdir(birds.project.folder)
    for name, value in birds.project.env.items():
        monkeypatch.setenv(name, value)


def outcome_of(words: tuple[str, ...], command: click.Command = cli) -> Exception | None:
    """Run *command* in this process and return what it raised."""
    try:
        command.main(list(words), "reconciler", standalone_mode=False)
    except Exception as error:
        return error
    return None


def seen(error: BaseException | None) -> str:
    """Return what rich shows of *error*, and the repr of every variable in every frame."""
    shown = io.StringIO()
    pending = [error]
    while pending:
        raised = pending.pop()
        if raised is None:
            continue
        pending += [raised.__cause__, raised.__context__]
        pending += raised.exceptions if isinstance(raised, BaseExceptionGroup) else []
        print(repr(raised), raised.args, vars(raised), file=shown)
        for frame, _ in walk_tb(raised.__traceback__):
            if Path(frame.f_code.co_filename) != Path(__file__):
                print(frame.f_code, {**frame.f_locals}, file=shown)
    if error is not None and error.__traceback__ is not None:
        trace = Traceback.extract(
            type(error), error, error.__traceback__.tb_next, show_locals=True, locals_max_length=99
        )
        frames = [frame for stack in trace.stacks for frame in stack.frames]
        print([str(node) for frame in frames for node in (frame.locals or {}).values()], file=shown)
    return shown.getvalue()
