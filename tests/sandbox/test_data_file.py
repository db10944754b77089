"""The data file: what was answered is in it, whatever happens to the process."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.errors import UsageError
from reconciler.sandbox.data_file import DataFile
from reconciler.sandbox.events import (
    AccountCleared,
    CreateArrived,
    Event,
    InstanceConfigured,
    InstanceDeleted,
    InstanceEdited,
    InstanceMade,
    InstanceRenamed,
    InstanceRestarted,
    InstanceRow,
    ListingServed,
    PhoneLinked,
    PhoneUnlinked,
    StateForced,
    Tariff,
    TokenRotated,
)
from tests.sandbox.server import Sandbox

NOW = datetime(2026, 11, 22, 10, 6, tzinfo=UTC)
ROW = InstanceRow(
    id_instance=1101728000,
    name="Büro",
    sent_name="Büro",
    token="c1b0",
    type_instance="whatsapp",
    parameters={"incomingWebhook": "yes", "autoTyping": 3},
    created_at=NOW,
    ready_at=NOW,
    listed_at=NOW,
    listed_from=3,
    plan=Tariff("DEVELOPER", is_free=True, is_partner=False),
    logged_out_at=NOW,
)
EVENTS: tuple[Event, ...] = (
    CreateArrived("Büro"),
    CreateArrived(None),
    InstanceMade(ROW),
    ListingServed(),
    InstanceRenamed(1101728000, "Office\n"),
    InstanceConfigured(1101728000, {"autoTyping": 0}, NOW),
    InstanceConfigured(1101728000, {"autoTyping": 1}, NOW, NOW),
    InstanceEdited(1101728000, {"autoTyping": 2}),
    InstanceRestarted(1101728000, NOW),
    PhoneLinked(1101728000, "15550100000", NOW, "hunter2"),
    PhoneUnlinked(1101728000, NOW, NOW),
    PhoneUnlinked(1101728000, NOW),
    StateForced(1101728000, "suspended", NOW),
    TokenRotated(1101728000, "c1b1"),
    InstanceDeleted(1101728000, NOW),
    AccountCleared(500),
)


def test_a_row_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.data"
    path.write_text(
        '{"format": "reconciler.sandbox/1"}\n'
        '{"event": "Made", "row": {"id_instance": 7, "name": "a", "sent_name": "a", "token": "c1",'
        ' "type_instance": "whatsapp", "parameters": {}, "created_at": "2026-11-22T10:06:00+00:00",'
        ' "ready_at": "2026-11-22T10:06:00+00:00", "listed_at": "2026-11-22T10:06:00+00:00",'
        ' "listed_from": 0, "rebooted": false, "deleted_at": null}}\n'
        '{"event": "Configured", "id_instance": 7, "parameters": {},'
        ' "ready_at": "2026-11-22T10:06:00+00:00"}\n'
    )

    made, configured = DataFile(path).read()

    assert isinstance(made, InstanceMade)
    assert (made.row.plan, made.row.phone) == (Tariff(), None)
    assert configured == InstanceConfigured(7, {}, NOW)


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.data"
    store = DataFile(path)
    assert store.read() == ()

    store.append(EVENTS[:3])
    store.append(EVENTS[3:])
    store.close()

    assert tuple(DataFile(path).read()) == EVENTS


def test_a_system_without_fdatasync_syncs_all_the_same(tmp_path: Path) -> None:
    code = """
import os, sys
del os.fdatasync
from pathlib import Path
from reconciler.sandbox.data_file import DataFile
DataFile(Path(sys.argv[1])).read()
"""

    subprocess.run([sys.executable, "-c", code, tmp_path / "sandbox.data"], check=True)

    assert (tmp_path / "sandbox.data").read_text() == '{"format": "reconciler.sandbox/1"}\n'


def test_a_file_that_was_just_made_is_for_its_owner_only(tmp_path: Path) -> None:
    DataFile(tmp_path / "sandbox.data")

    assert (tmp_path / "sandbox.data").stat().st_mode & 0o777 == 0o600


def test_a_torn_last_line_is_dropped_wherever_it_tore(tmp_path: Path) -> None:
    whole = _written(tmp_path / "whole", EVENTS)
    last = len(whole.splitlines(keepends=True)[-1])

    reopened = [_reopened(tmp_path / str(cut), whole[:-cut]) for cut in range(1, last + 1)]

    assert reopened == [(EVENTS[:-1], whole)] * last


def test_a_torn_first_line_is_an_empty_account(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.data"
    path.write_bytes(b'{"form')

    assert DataFile(path).read() == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("version: 1\n", "1: not a data file"),
        ('{"format": "reconciler.sandbox/2"}\n', "1: not a data file"),
        ('{"format": "reconciler.sandbox/1"}\nnonsense\n', "2: not a line"),
        ('{"format": "reconciler.sandbox/1"}\n[]\n', "2: not a line"),
        ('{"format": "reconciler.sandbox/1"}\n{"event": "Exploded"}\n', "2: not a line"),
        ('{"format": "reconciler.sandbox/1"}\n{"event": "Renamed"}\n', "2: not a line"),
        ('{"format": "reconciler.sandbox/1"}\n{"event": "Made", "row": 1}\n', "2: not a line"),
    ],
    ids=["other", "newer", "nonsense", "list", "event", "fields", "row"],
)
def test_another_file_is_left_alone(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "sandbox.data"
    path.write_text(text)

    with pytest.raises(UsageError) as caught:
        DataFile(path).read()

    assert caught.value.message.startswith(f"{path}:{place}")
    assert path.read_text() == text


def test_two_sandboxes_do_not_share_a_file(tmp_path: Path) -> None:
    first = DataFile(tmp_path / "sandbox.data")

    with pytest.raises(UsageError, match="another sandbox uses this data file"):
        DataFile(tmp_path / "sandbox.data")

    first.close()
    DataFile(tmp_path / "sandbox.data").close()


@pytest.mark.parametrize("name", [".", "missing/sandbox.data"], ids=["folder", "no-folder"])
def test_a_path_that_cannot_be_used_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="can't be used"):
        DataFile(tmp_path / name)


def test_a_killed_sandbox_keeps_its_account_and_its_bill(
    tmp_path: Path, start_sandbox: Callable[..., Sandbox]
) -> None:
    data = str(tmp_path / "sandbox.data")
    killed = start_sandbox("--data", data)
    answers = [killed.create(name=name).body for name in ("a", "b", "b")]
    killed.partner("POST", "deleteInstanceAccount", {"idInstance": answers[0]["idInstance"]})
    bill, listing = killed.bill(), killed.listing()
    killed.process.kill()
    killed.process.wait()

    again = start_sandbox("--data", data)

    assert again.bill() == {**bill, "listings": 1, "peak": 0}
    assert again.listing() == listing
    assert again.create(name="c").body["idInstance"] == 1101728003


def test_a_reset_is_kept_too(tmp_path: Path, start_sandbox: Callable[..., Sandbox]) -> None:
    data = str(tmp_path / "sandbox.data")
    first = start_sandbox("--data", data)
    first.create(name="a")
    first.reset(firstId=500)
    first.process.kill()
    first.process.wait()

    again = start_sandbox("--data", data)

    assert again.bill()["total"] == 0
    assert again.create(name="c").body["idInstance"] == 500


def _written(path: Path, events: tuple[Event, ...]) -> bytes:
    store = DataFile(path)
    store.read()
    store.append(events)
    store.close()
    return path.read_bytes()


def _reopened(path: Path, torn: bytes) -> tuple[tuple[Event, ...], bytes]:
    """Read a torn file, write the last event again: return what was read and what the file says."""
    path.write_bytes(torn)
    store = DataFile(path)
    events = tuple(store.read())
    store.append(EVENTS[-1:])
    store.close()
    return events, path.read_bytes()
