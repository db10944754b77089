"""What binds a saved plan to what it was made from."""

from collections.abc import Iterable

from reconciler.model import Desired, Digest, Kept, Lifecycle, Scalar
from reconciler.state.digest import kept
from reconciler.state.model import State


def checksum(entries: Iterable[Desired], state: State, url: str) -> str:
    """Return the hex SHA-256 that binds a saved plan to *entries*, *url*, lineage and serial.

    It does not depend on whether the account was asked. Secret values enter as the digests that
    the state would hold, never as they are.
    """
    import hashlib  # brings OpenSSL, and most plans are not saved
    import json

    head = f"{url}\n{state.lineage}\n{state.serial}\n"
    sha = hashlib.sha256(head.encode("utf-8", "backslashreplace"))
    for entry in entries:
        parameters = {name: _plain(value) for name, value in kept(entry, state.lineage).items()}
        said = [] if entry.lifecycle == Lifecycle() else [entry.lifecycle]
        row = [entry.key, entry.name, parameters, *said]
        sha.update(json.dumps(row, sort_keys=True).encode())
        sha.update(b"\n")
    return sha.hexdigest()


def _plain(value: Kept) -> Scalar | list[str]:
    return [value.text] if isinstance(value, Digest) else value
