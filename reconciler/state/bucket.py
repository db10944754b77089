"""What a state in an object store needs of it: seven calls, two of them puts with a condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from reconciler.state.backend import Version


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as it was read: its *version* tells it from any other that had or has its name;
    *marks* are what we noted beside its content."""

    data: bytes
    version: Version
    marks: Mapping[str, str]


class ConditionFailed(Exception):
    """Nothing was put, for the object is there already, or is not the version that it should be.

    Or it was put by this very call: a put whose answer is lost is repeated below us, and fails
    then. So this is no more than a reason to read what is there.
    """


class ObjectBucket(Protocol):
    """One bucket; for any number of threads.

    What was put is what the next `get` returns, whoever asks; `names` may be late. Every method
    raises StateError, in words that name the bucket, when it can't do what it is for; of a put it
    is unknown then whether it was done.
    """

    @property
    def name(self) -> str:
        """What messages call the bucket."""

    @property
    def address(self) -> str:
        """What tells it from a bucket of the same name elsewhere."""

    def get(self, key: str) -> StoredObject | None:
        """Return the object; None if the bucket is there and has none of that name."""

    def version(self, key: str) -> Version | None:
        """Return the version of the object; None if there is none of that name."""

    def create(self, key: str, data: bytes, marks: Mapping[str, str]) -> Version:
        """Put an object only where none is; raise ConditionFailed."""

    def replace(
        self, key: str, data: bytes, marks: Mapping[str, str], expected: Version
    ) -> Version:
        """Put an object only in the place of the version *expected*; raise ConditionFailed."""

    def names(self, prefix: str) -> Sequence[str]:
        """Return the names that begin with *prefix*, a folder."""

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; those that are not there are no error."""
