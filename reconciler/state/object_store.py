"""A bucket of S3, Google Cloud Storage or Azure, or of what speaks like one: the home of obstore.

Which credentials there are is found out as each cloud's own tools do it, see
`reconciler.state.object_access`.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

from reconciler.places import ObjectUrl
from reconciler.state.backend import Version
from reconciler.state.bucket import ConditionFailed, StoredObject
from reconciler.state.object_access import address_of, connect
from reconciler.state.object_trouble import names_no_bucket, trouble

if TYPE_CHECKING:
    from obstore import PutMode, UpdateVersion

# What a call raises that did not succeed: obstore's own, and what it takes from Python.
_FAILURES: Final = (BaseError, OSError, NotImplementedError, ValueError, RuntimeError)


class ObjectStore:
    """The bucket of *url*, by obstore: it repeats what failed on the way, a put included."""

    def __init__(self, url: ObjectUrl) -> None:
        self._url = url
        try:
            self._client = connect(url)
        except _FAILURES as error:
            raise trouble(url, "reached", error) from None

    @property
    def name(self) -> str:
        return self._url.root

    @property
    def address(self) -> str:
        return address_of(self._url)

    def get(self, key: str) -> StoredObject | None:
        try:
            found = obstore.get(self._client, key)
            version = _version(found.meta["e_tag"], found.meta["version"])
            marks = {name: f"{text}" for name, text in found.attributes.items()}
            return StoredObject(bytes(found.bytes()), version, marks)
        except FileNotFoundError as error:
            if names_no_bucket(error):  # which is no empty state
                raise trouble(self._url, "read", error) from None
            return None
        except _FAILURES as error:
            raise trouble(self._url, "read", error) from None

    def version(self, key: str) -> Version | None:
        try:
            meta = obstore.head(self._client, key)
        except FileNotFoundError:
            return None
        except _FAILURES as error:
            raise trouble(self._url, "read", error) from None
        return _version(meta["e_tag"], meta["version"])

    def create(self, key: str, data: bytes, marks: Mapping[str, str]) -> Version:
        return self._put(key, data, marks, "create")

    def replace(
        self, key: str, data: bytes, marks: Mapping[str, str], expected: Version
    ) -> Version:
        e_tag, version = json.loads(expected)
        known: UpdateVersion = {}
        if e_tag is not None:
            known["e_tag"] = e_tag
        if version is not None:
            known["version"] = version
        return self._put(key, data, marks, known)

    def names(self, prefix: str) -> Sequence[str]:
        try:
            return [meta["path"] for chunk in obstore.list(self._client, prefix) for meta in chunk]
        except _FAILURES as error:
            raise trouble(self._url, "listed", error) from None

    def delete(self, keys: Sequence[str]) -> None:
        try:
            obstore.delete(self._client, list(keys))
        except FileNotFoundError:  # Azure says so, and it says it of one
            for key in keys:
                with suppress(FileNotFoundError):
                    obstore.delete(self._client, key)
        except _FAILURES as error:
            raise trouble(self._url, "removed", error) from None

    def _put(self, key: str, data: bytes, marks: Mapping[str, str], mode: "PutMode") -> Version:
        try:
            put = obstore.put(self._client, key, data, attributes=dict(marks), mode=mode)
        except (AlreadyExistsError, PreconditionError):
            raise ConditionFailed from None
        except FileNotFoundError as error:
            if names_no_bucket(error):
                raise trouble(self._url, "written", error) from None
            raise ConditionFailed from None  # there is nothing to replace any more
        except _FAILURES as error:
            raise trouble(self._url, "written", error) from None
        return _version(put["e_tag"], put["version"])


def _version(e_tag: str | None, version: str | None) -> Version:
    return Version(json.dumps([e_tag, version]))
