"""Small values for tests: an entry, a record, a listed instance, in as few words as can be."""

from reconciler.model import (
    Account,
    Desired,
    Digest,
    Instance,
    Kept,
    Moment,
    Origin,
    Pending,
    Place,
    Recorded,
    Scalar,
)
from reconciler.secrets import Secret
from reconciler.state.model import State

SINCE = "2026-11-22T10:06:00Z"


def desired(key: str, *, name: str | None = None, **parameters: Scalar | Secret) -> Desired:
    """An entry that wants *parameters* (incoming messages if none are given)."""
    wanted: dict[str, Scalar | Secret] = dict(parameters) or {"incomingWebhook": "yes"}
    return Desired(key, name or key, wanted, Place("instances.yaml", 1, 1))


def recorded(id_instance: int, name: str, **parameters: Kept) -> Recorded:
    """A record with a token; its parameters are those that `desired` wants by default."""
    held: dict[str, Kept] = dict(parameters) or {"incomingWebhook": "yes"}
    token = Secret(f"{id_instance:050x}")
    return Recorded(id_instance, token, "whatsapp", name, held, SINCE, Origin.CREATED)


def listed(id_instance: int, name: str, *, deleted: bool = False, at: str = "") -> Instance:
    """One row of getInstances."""
    token = Secret(f"{id_instance:050x}")
    when = at or "2026-11-22T10:06:01"
    return Instance(id_instance, name, token, "whatsapp", when, deleted)


def account(*rows: Instance) -> Account:
    """What getInstances answered."""
    return Account(rows)


def pending(name: str, *, snapshot: str | None = "run-1", since: str = SINCE) -> Pending:
    """A create that was announced, and whose answer was given up at once."""
    ended = Moment(since, "boot", 0.0)
    return Pending(name, {"incomingWebhook": "yes"}, since, snapshot, exposed_until=ended)


def state(
    instances: dict[str, Recorded] | None = None,
    pending: dict[str, Pending] | None = None,
    snapshots: dict[str, frozenset[int]] | None = None,
) -> State:
    """A state of the lineage `line`."""
    return State("line", 1, None, instances or {}, pending or {}, snapshots or {})


SECRET_DIGEST = Digest("hmac-sha256:00")
