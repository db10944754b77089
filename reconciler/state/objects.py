"""A state in a bucket: the state as one object, its journal as one after the other.

Nobody can be locked out of a bucket: a run may be frozen for an hour and go on. So each step is a
put with a condition, and a run that was overtaken finds out before it sends anything:

- The journal's objects are numbered without a gap, also across folds; each is put only where its
  number is free. Two runs that know the same can't both put the next one.
- The state is replaced only at the version that was read, and it says which numbers it holds.
- Old journal objects go only after a fold, at the end of the run; the state says what of those that
  are still there it holds. So who puts a number into such a gap looks at the state after that, and
  finds another version: it was overtaken, too.

Why nothing is sent twice then: a run sends only after its announcement was put and the state was
still the version that it knows. Another run that does not know of this announcement had listed
the journal before, so its own next number is this one or an earlier one: it finds that taken, or,
if it was removed meanwhile, the state replaced.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final

from reconciler.errors import StateError
from reconciler.state.backend import Look, Overtaken, Version
from reconciler.state.bucket import ConditionFailed, ObjectBucket, StoredObject
from reconciler.state.conditions import check_conditions
from reconciler.state.lease import Lease, Tenant

_LOOKS: Final = 5  # at a state that a run is just folding
_TRIES: Final = 3  # of one put whose answer does not come
_READERS: Final = 8  # objects of a journal that are read at the same time
_DIGITS: Final = 12

# Marks: what we note beside an object's content.
_PUT: Final = "put"  # which put this was: no other has the same
_BY: Final = "writer"  # for messages
_LAST: Final = "journal"  # of a state: the number that the journal had come to
_HOLDS: Final = "holds"  # of a state: up to which number it holds what each run had put
_LATE: Final = "late"  # answers of a run that was overtaken: they overtake nobody
_PROVEN: Final = "conditions"  # of a state: the address at which puts were seen to honour them


class ObjectBackend:
    """Keeps a state as the object *key*; the journal's objects are in the folder *key*.journal."""

    def __init__(self, bucket: ObjectBucket, key: str) -> None:
        self._bucket, self._key = bucket, key
        self._lease: Lease | None = None
        self._tenant: Tenant | None = None
        self._puts = 0
        self._attempted: set[str] = set()  # puts of the state whose answers did not come
        self._version: Version | None = None
        self._next = 1  # number in the journal
        self._known: dict[int, str] = {}  # journal objects that are there, and whose
        self._folded: list[int] = []  # those that the state holds: they go with the lease
        self._proven = False
        self._overtaken: Overtaken | None = None

    @property
    def name(self) -> str:
        return f"{self._bucket.name}/{self._key}"

    @property
    def journal_name(self) -> str:
        return f"{self.name}.journal"

    @property
    def outlived(self) -> bool:
        return False  # the lease expires whether its run is dead or only slow

    @property
    def far(self) -> bool:
        return True

    def hold(
        self, timeout: float, *, now: Callable[[], datetime], warn: Callable[[str], None]
    ) -> None:
        del warn
        self._tenant = Tenant.this(now())
        lease = Lease(self._bucket, f"{self._key}.lock", self._tenant, now=now)
        lease.acquire(timeout)
        self._lease = lease

    def release(self) -> None:
        if self._lease is not None:
            self._lease.release([self._name_of(number) for number in self._folded])
            self._lease, self._folded = None, []

    def look(self) -> Look:
        for _ in range(_LOOKS):
            with ThreadPoolExecutor(2) as readers:
                listing = readers.submit(self._numbers)
                state = self._bucket.get(self._key)
                listed = listing.result()  # which fails, too, where there is no such bucket
            pieces = self._pieces(listed, state)
            if not (listed or pieces) or self._is_current(state):
                break
        self._version = state.version if state else None
        self._proven = state is not None and state.marks.get(_PROVEN) == self._bucket.address
        self._known = {number: _run_of(piece) for number, piece in pieces.items()}
        self._next = max((_last(state), *listed, *pieces)) + 1
        holds = _holds(state)
        fresh = [n for n in sorted(pieces) if n > holds.get(self._known[n], 0)]
        return Look(
            (state.data, state.version) if state else None,
            tuple((f"{self.journal_name}/{n:0{_DIGITS}}", pieces[n].data) for n in fresh),
        )

    def protect(self) -> None:
        return None  # who may read a bucket is not for its users to change

    def get_ready(self) -> None:
        if not self._proven:
            check_conditions(self._bucket, f"{self._key}.probe")
            self._proven = True

    def check(self, version: Version | None) -> None:
        """What else could have changed is a condition of every put."""
        del version
        if self._overtaken is not None:
            raise self._overtaken

    def append(self, lines: bytes, *, header: bytes, answers: bool) -> None:
        if not answers:
            self.check(None)
        self.get_ready()
        data, number = header + lines, self._next
        if self._overtaken is not None:
            number = self._free(number)
        while (other := self._create(self._name_of(number), data, self._marks())) is not None:
            number += 1
            if _LATE in other.marks or _run_of(other) == self._run:
                continue
            self._overtaken = self._overtaken or self._by(other)
            if not answers:
                raise self._overtaken
            number = self._free(number)
        self._next = number + 1
        self._known[number] = self._run
        if not answers:
            self._look_whether_replaced()

    def replace(self, data: bytes, *, expected: Version | None) -> Version:
        self.check(expected)
        self.get_ready()
        holds: dict[str, int] = {}
        for number, run in self._known.items():
            holds[run] = max(number, holds.get(run, 0))
        marks = {
            **self._marks(),
            _LAST: f"{self._next - 1}",
            _HOLDS: " ".join(f"{run}:{number}" for run, number in holds.items()),
            _PROVEN: _ascii(self._bucket.address),
        }
        self._attempted.add(marks[_PUT])
        # A put of ours whose answer was lost may have landed since: then that is in place.
        self._version = self._put_state(data, marks, self._version)
        self._folded = [*self._known]
        return self._version

    # --- the state ----------------------------------------------------------------------------

    def _put_state(self, data: bytes, marks: dict[str, str], over: Version | None) -> Version:
        for _ in range(_TRIES):
            failed: StateError | None = None
            try:
                if over is None:
                    return self._bucket.create(self._key, data, marks)
                return self._bucket.replace(self._key, data, marks, over)
            except ConditionFailed:
                pass
            except StateError as error:
                failed = error
            found = self._bucket.get(self._key)
            if found is not None and found.marks.get(_PUT) == marks[_PUT]:
                return found.version
            if found is not None and found.marks.get(_PUT) in self._attempted:
                over = found.version
            elif (found.version if found else None) != over:
                self._overtaken = self._by(found)
                raise self._overtaken
            elif failed is not None:
                raise failed
        raise self._contended(self._key)

    def _is_current(self, state: StoredObject | None) -> bool:
        return self._bucket.version(self._key) == (state.version if state else None)

    def _look_whether_replaced(self) -> None:
        """Raise Overtaken if the state is not the version any more that this run knows."""
        if self._bucket.version(self._key) == self._version:
            return
        found = self._bucket.get(self._key)
        if found is not None and found.marks.get(_PUT) in self._attempted:
            self._version = found.version
            return
        self._overtaken = self._by(found)
        raise self._overtaken

    # --- the journal --------------------------------------------------------------------------

    def _numbers(self) -> list[int]:
        folder = f"{self._key}.journal"
        names = (name.rpartition("/") for name in self._bucket.names(folder))
        return sorted(
            int(last)
            for parent, _, last in names
            if parent == folder and len(last) == _DIGITS and last.isdecimal()
        )

    def _pieces(self, listed: Sequence[int], state: StoredObject | None) -> dict[int, StoredObject]:
        """Return the journal's objects by number: those *listed*, and for a run that is going to
        write, those that a late listing has left out."""
        number = max((_last(state), *listed)) + 1
        numbers = sorted({*listed, *range(_last(state) + 1, number)})
        with ThreadPoolExecutor(_READERS) as readers:
            read = dict(zip(numbers, readers.map(self._piece, numbers), strict=True))
        while self._lease is not None and (piece := self._piece(number)) is not None:
            read[number] = piece
            number += 1
        return {number: piece for number, piece in read.items() if piece is not None}

    def _piece(self, number: int) -> StoredObject | None:
        return self._bucket.get(self._name_of(number))

    def _free(self, number: int) -> int:
        """Return a number from *number* on that nobody has used, as far as can be seen."""
        return max(number, 1 + max((_last(self._bucket.get(self._key)), *self._numbers())))

    def _name_of(self, number: int) -> str:
        return f"{self._key}.journal/{number:0{_DIGITS}}"

    def _create(self, name: str, data: bytes, marks: dict[str, str]) -> StoredObject | None:
        """Put an object where none is; return what is there instead, None once it is ours."""
        for _ in range(_TRIES):
            failed: StateError | None = None
            try:
                self._bucket.create(name, data, marks)
                return None
            except ConditionFailed:
                pass
            except StateError as error:
                failed = error
            found = self._bucket.get(name)  # the put may have been done, and its answer lost
            if found is not None:
                return None if found.marks.get(_PUT) == marks[_PUT] else found
            if failed is not None:
                raise failed
        raise self._contended(name)

    # --- who is who -----------------------------------------------------------------------------

    @property
    def _run(self) -> str:
        return self._tenant.run if self._tenant else ""

    def _marks(self) -> dict[str, str]:
        self._puts += 1
        marks = {_PUT: f"{self._run}-{self._puts}", _BY: _ascii(f"{self._tenant}")}
        return marks if self._overtaken is None else {**marks, _LATE: "yes"}

    def _by(self, other: StoredObject | None) -> Overtaken:
        if other is None:
            told = "the state was removed from there"
        else:
            told = f"another run took it over ({other.marks.get(_BY, 'by hand')})"
        return Overtaken(
            f"{self.name}: {told} while this run was at work; nothing more was sent",
            hint="what was answered to this run is recorded there, too; run it again once the other"
            " has ended",
        )

    def _contended(self, name: str) -> StateError:
        return StateError(
            f"{self._bucket.name}/{name}: can't be written: the store reports a conflict again and"
            " again, and there is nothing",
            hint="run it again; nothing was sent for what could not be announced",
        )


def _last(state: StoredObject | None) -> int:
    """Return the number that the journal of *state* had come to; one put by hand does not say."""
    said = state.marks.get(_LAST, "") if state else ""
    return int(said) if said.isdecimal() else 0


def _holds(state: StoredObject | None) -> dict[str, int]:
    said = state.marks.get(_HOLDS, "") if state else ""
    pairs = (word.partition(":") for word in said.split())
    return {run: int(number) for run, _, number in pairs if number.isdecimal()}


def _run_of(piece: StoredObject) -> str:
    return piece.marks.get(_PUT, "").partition("-")[0]


def _ascii(text: str) -> str:
    """Marks travel as headers."""
    return text.encode("ascii", "replace").decode()
