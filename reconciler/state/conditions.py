"""Whether a store does what a put's condition says: one that ignores it would let two runs buy the
same."""

import os
from collections.abc import Callable
from contextlib import suppress

from reconciler.errors import StateError
from reconciler.state.backend import Version
from reconciler.state.bucket import ConditionFailed, ObjectBucket


def check_conditions(bucket: ObjectBucket, key: str) -> None:
    """Raise StateError unless *bucket* refuses to put over what is there, and over another version
    than is there. The object *key* is made for that, and removed."""
    key = f"{key}-{os.urandom(4).hex()}"
    first = bucket.create(key, b"first", {})
    try:
        _must_fail(lambda: bucket.create(key, b"second", {}), bucket)
        bucket.replace(key, b"third", {}, first)
        _must_fail(lambda: bucket.replace(key, b"fourth", {}, first), bucket)
    except ConditionFailed:
        raise _ignored(bucket) from None
    finally:
        with suppress(StateError):
            bucket.delete([key])


def _must_fail(put: Callable[[], Version], bucket: ObjectBucket) -> None:
    try:
        put()
    except ConditionFailed:
        return
    raise _ignored(bucket)


def _ignored(bucket: ObjectBucket) -> StateError:
    return StateError(
        f"{bucket.name}: can't keep a state: it ignores the conditions of puts",
        hint="choose a store that honours If-None-Match and If-Match: S3, R2, MinIO, Ceph since"
        " Squid, Google Cloud Storage, Azure",
    )
