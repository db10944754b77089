"""Secret parameters as the state keeps them: comparable, not readable."""

from collections.abc import Mapping
from functools import lru_cache

from reconciler.model import Desired, Digest, Kept, Scalar
from reconciler.secrets import Secret

shared = lru_cache(maxsize=1024)(Digest)  # one object for all that are equal: there may be many


@lru_cache(maxsize=64, typed=True)  # a secret of the defaults comes back in every entry
def digest(lineage: str, parameter: str, value: Scalar) -> Digest:
    """Return what the state keeps of a secret *value*.

    The key differs from state to state and the parameter's name is part of the message, so equal
    digests in two places do not tell that the values are equal. A short value can still be
    guessed by whoever holds the state: the digest hides it from a reader, not from an attack.
    """
    import hmac  # brings OpenSSL, and many states have no secret parameter
    import json

    message = f"{json.dumps(parameter)}:{json.dumps(value)}"
    return shared(
        "hmac-sha256:"
        + hmac.digest(lineage.encode("utf-8", "backslashreplace"), message.encode(), "sha256").hex()
    )


def kept(desired: Desired, lineage: str) -> dict[str, Kept]:
    """Return the parameters of *desired* as the state keeps them."""
    return {name: _kept(name, value, lineage) for name, value in desired.parameters.items()}


def kept_changes(
    changes: Mapping[str, Kept | Secret | None], lineage: str
) -> dict[str, Kept | None]:
    """Return *changes* of parameters as the state keeps them; None is one that is set back."""
    return {
        name: None if value is None else _kept(name, value, lineage)
        for name, value in changes.items()
    }


def _kept(name: str, value: Kept | Secret, lineage: str) -> Kept:
    return digest(lineage, name, value.reveal_typed()) if isinstance(value, Secret) else value
