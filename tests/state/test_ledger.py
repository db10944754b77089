"""What one run writes to the place that keeps its state: serials, versions, what it says of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import pytest

from reconciler.errors import StateError
from reconciler.model import Word
from reconciler.state.backend import JournalLost, Look, Version, digest_of
from reconciler.state.codec import decode
from reconciler.state.encoding import as_bytes, encode
from reconciler.state.ledger import Ledger
from reconciler.state.loading import Loaded
from reconciler.state.model import Closed, Event, Listed, State
from reconciler.state.replay import replay
from tests.state.parts import SINCE, intent, record

BASE: Final = State("0b6c1f2e").after([record(1)])


@dataclass
class Place:
    """Keeps nothing but what it is handed, and knows how it was asked. Once it is *full* it takes
    nothing more."""

    outlived: bool = True
    full: bool = False
    states: list[bytes] = field(default_factory=list)
    expected: list[Version | None] = field(default_factory=list)
    journal: list[tuple[bytes, bytes, bool]] = field(default_factory=list)
    checked: list[Version | None] = field(default_factory=list)
    name: str = "paper"
    journal_name: str = "paper.journal"
    far: bool = False

    def hold(
        self, timeout: float, *, now: Callable[[], datetime], warn: Callable[[str], None]
    ) -> None: ...

    def release(self) -> None: ...

    def look(self) -> Look:
        return Look(None, ())

    def protect(self) -> None:
        return None

    def get_ready(self) -> None: ...

    def check(self, version: Version | None) -> None:
        self.checked.append(version)

    def append(self, lines: bytes, *, header: bytes, answers: bool) -> None:
        self.journal.append((header, lines, answers))
        self._room()

    def replace(self, data: bytes, *, expected: Version | None) -> Version:
        self._room()
        self.states.append(data)
        self.expected.append(expected)
        return Version(f"version {len(self.states)}")

    def _room(self) -> None:
        if self.full:
            raise StateError("paper: no room")

    @property
    def state(self) -> State:
        return decode(self.states[-1].decode(), source="paper")


def _nobody(line: str) -> None:
    raise AssertionError(f"this was to be written: {line}")


def ledger(place: Place, base: State = BASE, *, rescue: Callable[[str], None] = _nobody) -> Ledger:
    """Return the ledger of a run that has read *base*."""
    data = as_bytes(encode(base))
    loaded = Loaded(base, Version("read"), digest_of(data), len(data), journal=False, foreign=False)
    return Ledger(place, loaded, sealer=None, stamp=lambda: SINCE, rescue=rescue)


def test_each_record_is_the_next_line_of_a_journal_that_says_what_it_continues() -> None:
    place = Place()
    held = ledger(place)

    held.append([intent(2)])
    held.append([record(2), intent(3)])

    for header, _, _ in place.journal:
        assert digest_of(as_bytes(encode(BASE))) in header.decode()
    told = replay(place.journal[0][0] + b"".join(line for _, line, _ in place.journal), source="j")
    assert [(line.serial, line.event) for line in told.lines] == [
        (2, intent(2)),
        (3, record(2)),
        (4, intent(3)),
    ]
    assert held.state == BASE.after([intent(2), record(2), intent(3)])
    assert place.states == []


@pytest.mark.parametrize(
    ("events", "answers"),
    [([record(2)], True), ([intent(2)], False), ([record(2), Closed("b", Word.REJECTED)], False)],
    ids=["an answer", "an announcement", "both"],
)
def test_a_place_is_told_what_costs_money_or_is_a_token_and_nothing_else(
    events: list[Event], answers: bool
) -> None:
    place = Place()

    ledger(place).append(events)

    assert [said for _, _, said in place.journal] == [answers]


def test_the_answers_that_only_a_lost_journal_held_are_rescued() -> None:
    place, rescued = Place(), list[str]()
    held = ledger(place, rescue=rescued.append)

    held.append([intent(2), record(2)])
    held.append([record(3)])
    place.full = True
    held.give_up(JournalLost("paper: the journal is gone"))

    assert rescued == [held.line(event).rstrip("\n") for event in (record(2), record(3))]


def test_what_is_folded_is_neither_folded_again_nor_rescued() -> None:
    place = Place()
    held = ledger(place)

    held.append([intent(2), record(2)])
    held.fold()
    held.fold()
    place.full = True
    held.give_up(JournalLost("paper: the journal is gone"))

    assert len(place.states) == 1


def test_a_journal_that_failed_takes_nothing_more_and_says_why() -> None:
    held = ledger(place := Place())

    held.give_up(StateError("paper: no room"))

    with pytest.raises(StateError, match="no room"):
        held.record([record(2)])
    assert place.journal == []


def test_the_ground_is_looked_at_for_the_version_that_this_run_left() -> None:
    place = Place()
    held = ledger(place)

    held.append([intent(2)])
    held.fold()
    held.check()

    assert place.checked == ["read", "version 1"]
    assert place.expected == ["read"]


def test_a_state_that_can_not_be_read_never_gets_there() -> None:
    place = Place()

    with pytest.raises(StateError):
        ledger(place).replace(State("0b6c1f2e").after([intent(2, "nobody listed it")]))

    assert place.states == []


def test_what_is_written_without_the_journal_is_newer_than_all_that_it_may_hold() -> None:
    place = Place(full=True)
    held = ledger(place)
    with pytest.raises(StateError):
        held.append([intent(2), intent(3), record(2)])  # serials 2, 3 and 4: they may be there
    place.full = False

    held.write_anew([record(2)])

    assert place.state.instances.keys() == {"key-1", "key-2"}
    assert place.state.serial > 4


def test_a_rewrite_is_newer_than_all_that_the_journal_may_hold() -> None:
    place = Place(full=True)
    held = ledger(place)
    with pytest.raises(StateError):
        held.append([intent(2), intent(3)])
    place.full = False

    held.replace(replace(BASE, api_url="https://a"))
    held.append([intent(2)])

    assert place.state.serial == 4
    assert b'"serial": 5' in place.journal[-1][1]


def test_a_create_may_name_the_snapshot_of_any_that_is_open() -> None:
    held = ledger(Place())
    held.append([Listed("r1", frozenset({7})), intent(2, "r1"), Listed("r2", frozenset({8}))])

    assert (held.knows("r1"), held.knows("r2"), held.knows("r3")) == (True, True, False)


def test_the_newest_snapshot_is_kept_for_the_next_create_until_the_end() -> None:
    place = Place()
    held = ledger(place)

    held.append([Listed("r1", frozenset({7}))])
    held.fold()
    meanwhile = place.state.snapshots
    held.append([record(2)])
    held.fold(final=True)

    assert meanwhile == {"r1": frozenset({7})}
    assert place.state.snapshots == {}


def test_where_another_run_may_be_at_work_no_two_texts_are_the_same() -> None:
    bucket, folder = Place(outlived=False), Place()

    for place in (bucket, folder):
        held = ledger(place)
        held.write_anew(())
        held.write_anew(())

    assert [decode(data.decode(), source="s").serial for data in bucket.states] == [2, 3]
    assert {*folder.states} == {as_bytes(encode(BASE))}
