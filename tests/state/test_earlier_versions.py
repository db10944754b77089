"""What an earlier version wrote is read for ever: its own files, kept as it left them."""

import shutil
from pathlib import Path

import pytest

from reconciler.model import Origin, Recorded, Sealed
from reconciler.secrets import Secret
from reconciler.state.sealing import make_opener
from reconciler.state.store import read_state
from tests.state.parts import as_left, open_store, token_of

DATA = Path(__file__).parent / "data"
FIRST = DATA / "version-0.1.0"
LINEAGE = "0b6c1f2e-4c1d-4a7e-9d55-2f6a0e0c7b11"

RECORDED = {
    "support-eu": (1101728001, Origin.CREATED),
    "no-token": (1101728002, Origin.CREATED),
    "adopted": (1101728003, Origin.ADOPTED),
    "key-5": (1101728005, Origin.CREATED),
    "key-9": (1101728009, Origin.RECOVERED),
    "key-10": (1101728010, Origin.ADOPTED),
}
PENDING = {"unresolved": "r0", "key-8": "r1", "нет": None}


@pytest.mark.parametrize("name", ["plain", "plain-folded", "sealed", "sealed-folded", "torn"])
def test_a_state_of_version_0_1_0_is_read_with_its_journal(name: str) -> None:
    state = read_state(FIRST / f"{name}.state.json")

    assert state is not None
    assert (state.lineage, state.serial) == (LINEAGE, 22)
    assert state.api_url == "https://api.green-api.com"
    assert {
        key: (each.id_instance, each.origin) for key, each in state.instances.items()
    } == RECORDED
    assert {key: each.snapshot for key, each in state.pending.items()} == PENDING
    assert state.snapshots == {
        "r0": frozenset({1101727001, 1101727002}),
        "r1": frozenset({1101727001, 1101727003}),
    }
    assert state.instances["support-eu"].extra == {
        "apiUrl": "https://1101.api.green-api.com",
        "mediaUrl": "https://1101.media.green-api.com",
    }


@pytest.mark.parametrize("name", ["plain", "plain-folded", "torn"])
def test_plain_tokens_of_version_0_1_0_are_read(name: str) -> None:
    state = read_state(FIRST / f"{name}.state.json")

    assert state is not None
    assert [_number(each) for each in state.instances.values()] == [
        each.token for each in state.instances.values()
    ]


@pytest.mark.parametrize("name", ["sealed", "sealed-folded"])
def test_sealed_tokens_of_version_0_1_0_are_opened(name: str) -> None:
    state = read_state(FIRST / f"{name}.state.json")
    opener = make_opener([FIRST / "identity.txt"])

    assert state is not None
    for each in state.instances.values():
        assert isinstance(each.token, Sealed)
        assert opener.open(each.token) == _number(each)


def _number(recorded: Recorded) -> Secret:
    """Each token of these files was made from the number of its instance."""
    return token_of(recorded.id_instance - 1101728000)


def test_a_journal_of_version_0_1_0_needs_no_file_if_it_tells_the_whole_story() -> None:
    state = read_state(FIRST / "journal-alone.state.json")

    assert state is not None
    assert list(state.instances) == ["support-eu"]


@pytest.mark.parametrize("name", ["plain", "torn"])
def test_a_run_takes_over_what_a_killed_run_of_version_0_1_0_left(path: Path, name: str) -> None:
    for end in ("", ".journal"):
        shutil.copy(FIRST / f"{name}.state.json{end}", f"{path}{end}")
    path.chmod(0o600)

    with open_store(path) as store:
        taken = store.state()

    folded = read_state(FIRST / "plain-folded.state.json")
    assert folded is not None
    assert as_left(taken) == as_left(folded)
    assert read_state(path) == taken
