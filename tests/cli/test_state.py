"""`reconciler state fold`, `mv` and `rm`: what a person does to the state, offline."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from reconciler.schemas import Validator, shipped_schema
from tests.command import Project, project

LEFT = Path(__file__).parents[1] / "state" / "data" / "version-0.1.0"
ANSWER = Validator(shipped_schema("state-change"))


@pytest.fixture
def place(tmp_path: Path) -> Project:
    """A folder without a manifest, where a run was killed: a state and its journal."""
    made = project(tmp_path / "project")
    made.manifest.unlink()
    _leave(made, "plain")
    return made


def _leave(made: Project, name: str) -> None:
    for end in ("", ".journal"):
        shutil.copy(LEFT / f"{name}.state.json{end}", f"{made.state}{end}")
        Path(f"{made.state}{end}").chmod(0o600)


def held(path: Path) -> dict[str, Any]:
    """What a state holds; that no request of a dead run is on its way any more is an event, too."""
    document: dict[str, Any] = json.loads(path.read_text())
    del document["serial"]
    for pending in document["pending"].values():
        pending.pop("exposedUntil", None)
    return document


def names(made: Project) -> list[str]:
    return sorted(path.name for path in made.folder.iterdir())


def test_a_left_journal_is_folded_without_manifest_and_token(place: Project) -> None:
    done = place.run("state", "fold")

    assert (done.code, done.err) == (0, "")
    assert done.out == "instances.state.json: folded; 6 recorded, 3 unresolved\n"
    assert names(place) == [place.state.name]
    assert held(place.state) == held(LEFT / "plain-folded.state.json")


def test_sealed_tokens_are_folded_without_recipients(place: Project) -> None:
    _leave(place, "sealed")

    done = place.run("state", "fold")

    assert (done.code, done.err) == (0, "")
    assert names(place) == [place.state.name]
    assert held(place.state) == held(LEFT / "sealed-folded.state.json")


def test_without_a_journal_there_is_nothing_to_fold(place: Project) -> None:
    place.run("state", "fold")
    before = place.state.read_bytes()

    done = place.run("state", "fold")

    assert done.out == "instances.state.json: nothing to fold; 6 recorded, 3 unresolved\n"
    assert (done.code, place.state.read_bytes()) == (0, before)


def test_without_a_state_there_is_nothing_to_fold(tmp_path: Path) -> None:
    made = project(tmp_path / "project")

    done = made.run("state", "fold")

    assert (done.code, done.out) == (
        0,
        "instances.state.json: nothing to fold; 0 recorded, 0 unresolved\n",
    )
    assert names(made) == [made.manifest.name]


def test_what_was_folded_is_said_as_json(place: Project) -> None:
    done = place.run("state", "fold", "-o", "json")

    assert ANSWER.is_valid(done.json)
    assert done.json == {
        "format": "reconciler.state-change/1",
        "command": "fold",
        "state": "instances.state.json",
        "folded": True,
        "serial": json.loads(place.state.read_text())["serial"],
        "recorded": 6,
        "unresolved": ["key-8", "unresolved", "нет"],
    }


def test_a_journal_that_can_not_be_read_is_said_as_json(place: Project) -> None:
    journal = Path(f"{place.state}.journal")
    journal.write_text(journal.read_text().replace('"event": "token"', '"event": "blessed"'))

    done = place.run("state", "fold", "-o", "json")

    assert done.code == 8
    assert done.json["error"]["code"] == 8
    assert "written by a newer program" in done.json["error"]["message"]


def test_a_record_goes_by_another_key(place: Project) -> None:
    done = place.run("state", "mv", "support-eu", "support-de")

    assert (done.code, done.err) == (0, "")
    said = "instances.state.json: support-eu goes by support-de now; so must its entry\n"
    assert done.out == said
    before = json.loads((LEFT / "plain-folded.state.json").read_text())["instances"]
    assert place.recorded.pop("support-de") == before["support-eu"]
    assert place.recorded.keys() - before.keys() == {"support-de"}


def test_an_unresolved_create_goes_by_another_key(place: Project) -> None:
    assert place.run("state", "mv", "key-8", "key-80", "-o", "json").json["to"] == "key-80"

    assert "key-80" in json.loads(place.state.read_text())["pending"]


REFUSED = {
    "unknown": (("support-us", "a"), "support-us: the state has no such key; nothing was changed"),
    "taken": (("support-eu", "adopted"), "adopted is in the state already; nothing was changed"),
    "unresolved": (("support-eu", "key-8"), "key-8 is in the state already; nothing was changed"),
    "no key": (("support-eu", "-/"), "…: not a key"),
}


@pytest.mark.parametrize(("keys", "message"), REFUSED.values(), ids=REFUSED)
def test_a_move_that_can_not_be_is_refused(
    place: Project, keys: tuple[str, str], message: str
) -> None:
    place.run("state", "fold")
    before = place.state.read_bytes()

    done = place.run("state", "mv", "--", *keys)

    assert done.code == 2
    assert done.err.splitlines()[0] == f"error: {message}"
    assert place.state.read_bytes() == before


def test_a_state_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    done = project(tmp_path).run("state", "rm", "support-eu")

    assert done.code == 2
    assert done.err.splitlines() == [
        "error: support-eu: the state has no such key; nothing was changed",
        "hint: instances.state.json holds none, or is not there: name the state with --state",
    ]


def test_a_forgotten_instance_leaves_a_tombstone(place: Project) -> None:
    done = place.run("state", "rm", "support-eu")

    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "instances.state.json: support-eu is forgotten; instance 1101728001 stays, and is billed\n"
        "to take it back: reconciler adopt support-eu --id 1101728001\n"
    )
    assert "support-eu" not in place.recorded
    stone = json.loads(place.state.read_text())["tombstones"]["1101728001"]
    assert (stone["key"], stone["name"]) == ("support-eu", "Name 1")


def test_what_was_deleted_is_forgotten_as_that(place: Project) -> None:
    assert place.run("state", "fold").code == 0
    held = json.loads(place.state.read_text())
    held["instances"]["support-eu"]["deleted"] = True
    place.state.write_text(json.dumps(held))

    done = place.run("state", "rm", "support-eu")

    assert done.out == (
        "instances.state.json: support-eu is forgotten; instance 1101728001 was deleted before\n"
    )
    assert json.loads(place.state.read_text())["tombstones"]["1101728001"]["deleted"]


def test_an_unresolved_create_can_not_be_forgotten(place: Project) -> None:
    done = place.run("state", "rm", "key-8", "-o", "json")

    assert done.code == 2
    assert "hint: say what became of it: reconciler resolve key-8 --help" in done.err
    assert "key-8" in json.loads(place.state.read_text())["pending"]


def test_a_key_that_may_be_a_token_is_not_repeated(place: Project) -> None:
    token = "0123456789abcdef" * 3

    done = place.run("state", "rm", token)

    assert done.code == 2
    assert token not in done.err
