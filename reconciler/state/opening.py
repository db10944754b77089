"""From a place to what keeps a state there."""

from pathlib import Path

from reconciler.errors import MissingExtra
from reconciler.places import ObjectUrl, Place
from reconciler.state.backend import Backend
from reconciler.state.file import FileBackend


def backend_of(place: Place) -> Backend:
    """Return what keeps a state at *place*; raise UsageError, StateError."""
    match place:
        case Path():
            return FileBackend(place)
        case ObjectUrl():
            return _in_a_bucket(place)


def _in_a_bucket(url: ObjectUrl) -> Backend:
    from reconciler.state.objects import ObjectBackend

    try:
        from reconciler.state.object_store import ObjectStore
    except ImportError:
        raise MissingExtra("a state in a bucket", "obstore", extra="objects") from None
    return ObjectBackend(ObjectStore(url), url.key)
