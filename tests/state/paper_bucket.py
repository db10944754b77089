"""A bucket in memory that can be stopped, that loses answers, and that lists late.

It tells versions apart by their content, as S3 does: the same content again is the same version.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from reconciler.errors import StateError
from reconciler.state.backend import Version
from reconciler.state.bucket import ConditionFailed, StoredObject
from tests.state.paper_disk import Crash

# What becomes of one call: it is done and answered, or not.
DONE: Final = "done"
LOST_BEFORE: Final = "lost before"  # the request never arrived
LOST_AFTER: Final = "lost after"  # it was carried out, and its answer lost
REPEATED: Final = "repeated"  # its answer was lost, and what lies below us sent it again
CONFLICT: Final = "conflict"  # S3 answers 409 while another request for the name is at work
PUT_FATES: Final = (LOST_BEFORE, LOST_AFTER, REPEATED, CONFLICT)


@dataclass
class Shelf:
    """What is in the bucket. A listing is *late* by so many puts and removals."""

    late: int = 0
    objects: dict[str, StoredObject] = field(default_factory=dict)
    history: list[tuple[str, ...]] = field(default_factory=lambda: [()])

    def copy(self) -> "Shelf":
        return Shelf(self.late, dict(self.objects), list(self.history))

    def listing(self) -> tuple[str, ...]:
        return self.history[max(0, len(self.history) - 1 - self.late)]

    def changed(self) -> None:
        self.history.append(tuple(sorted(self.objects)))


@dataclass
class PaperBucket:
    """One program's way to a *shelf*. Before each call *step* is told what is about to happen; it
    may stop the program, or say what becomes of the call."""

    shelf: Shelf
    step: Callable[[str], str] = lambda call: DONE
    calls: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return "s3://paper"

    @property
    def address(self) -> str:
        return "s3://paper"

    def get(self, key: str) -> StoredObject | None:
        self._ask("get", key)
        return self.shelf.objects.get(key)

    def version(self, key: str) -> Version | None:
        self._ask("version", key)
        found = self.shelf.objects.get(key)
        return found.version if found else None

    def create(self, key: str, data: bytes, marks: Mapping[str, str]) -> Version:
        return self._put("create", key, data, marks, lambda there: there is None)

    def replace(
        self, key: str, data: bytes, marks: Mapping[str, str], expected: Version
    ) -> Version:
        return self._put(
            "replace",
            key,
            data,
            marks,
            lambda there: there is not None and there.version == expected,
        )

    def names(self, prefix: str) -> Sequence[str]:
        self._ask("list", prefix)
        return [name for name in self.shelf.listing() if name.startswith(f"{prefix}/")]

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:  # a bulk that is cut short has removed some
            self._ask("delete", key)
            self.shelf.objects.pop(key, None)
            self.shelf.changed()

    def _put(
        self,
        verb: str,
        key: str,
        data: bytes,
        marks: Mapping[str, str],
        allowed: Callable[[StoredObject | None], bool],
    ) -> Version:
        fate = self._tell(verb, key)
        if fate == CONFLICT:
            raise ConditionFailed
        if fate == LOST_BEFORE:
            raise StateError(f"{self.name}: no answer")
        if not allowed(self.shelf.objects.get(key)):
            raise ConditionFailed
        version = Version(hashlib.md5(data).hexdigest())  # noqa: S324 - as S3 has it
        self.shelf.objects[key] = StoredObject(data, version, dict(marks))
        self.shelf.changed()
        if fate == LOST_AFTER:
            raise StateError(f"{self.name}: no answer")
        if fate == REPEATED:
            raise ConditionFailed
        return version

    def _ask(self, verb: str, key: str) -> None:
        if self._tell(verb, key) in (LOST_BEFORE, LOST_AFTER):
            raise StateError(f"{self.name}: no answer")

    def _tell(self, verb: str, key: str) -> str:
        call = f"{verb} {key}"
        self.calls.append(call)
        return self.step(call)


def fuse(at: int) -> Callable[[str], str]:
    """Stop before call number *at*, and everything after it."""
    seen = 0

    def step(call: str) -> str:
        nonlocal seen
        seen += 1
        if seen >= at:
            raise Crash(call)
        return DONE

    return step


def fates(*said: tuple[int, str]) -> Callable[[str], str]:
    """Let call number so and so have that fate."""
    seen, table = 0, dict(said)

    def step(call: str) -> str:
        del call
        nonlocal seen
        seen += 1
        return table.get(seen, DONE)

    return step
