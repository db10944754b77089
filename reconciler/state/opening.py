"""From a place to what keeps a state there."""

from pathlib import Path

from reconciler.errors import UsageError
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
        raise UsageError(
            "a state in a bucket needs obstore, which is not installed",
            hint="pip install 'greenapi-reconciler[objects]'",
        ) from None
    return ObjectBackend(ObjectStore(url), url.key)
