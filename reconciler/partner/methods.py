"""The methods of the API, one row each; the client sends any of them.

To add one, write its row: the path with the places of its fields, the body that is made of what it
is asked for, and the judge that turns its answer into a value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

from reconciler.model import Account, Attempt, Desired, Refused
from reconciler.partner.answer import Answer
from reconciler.partner.classify import Hide, classify
from reconciler.partner.listing import Unreadable, read_account
from reconciler.secrets import MASK, Secret

Asked = TypeVar("Asked")
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Known:
    """What an answer is judged with: the time, what masks secrets in the API's texts, and the
    latest `Date` of the answers before it."""

    now: datetime
    hide: Hide
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class Method(Generic[Asked, Told]):
    """One row. *path* says by the names of its fields whose token the method takes.

    A method that is not *repeatable* is sent once, whatever becomes of its answer. After *silence*
    seconds without a byte of the answer nobody waits any longer.
    """

    verb: str
    path: str
    body: Callable[[Asked], Mapping[str, Any] | None]
    judge: Callable[[Answer, Known], Told]
    repeatable: bool
    silence: float = inf
    headers: Mapping[str, str] = field(default_factory=dict)

    def target(self, fields: Mapping[str, Secret]) -> str:
        """Return the path with *fields* in it, for the wire."""
        return self.path.format_map({name: _segment(value) for name, value in fields.items()})

    def shown(self, fields: Mapping[str, Secret]) -> str:
        """Return the path as it may be seen."""
        return self.path.format_map(dict.fromkeys(fields, MASK))


def _segment(value: Secret) -> str:
    segment = quote(value.reveal(), safe="")
    # Dots alone would mean another folder.
    return segment if segment.strip(".") else segment.replace(".", "%2E")


def _parameters(desired: Desired) -> Mapping[str, Any]:
    """Return what createInstance is sent, secrets as they are."""
    revealed = {
        name: value.reveal_typed() if isinstance(value, Secret) else value
        for name, value in desired.parameters.items()
    }
    return {"name": desired.name, **revealed}


CREATE_INSTANCE: Final[Method[Desired, Attempt]] = Method(
    "POST",
    "/partner/createInstance/{partnerToken}",
    body=_parameters,
    judge=lambda answer, known: classify(answer, now=known.now, hide=known.hide),
    repeatable=False,
)
GET_INSTANCES: Final[Method[None, Account | Refused | Unreadable]] = Method(
    "GET",
    "/partner/getInstances/{partnerToken}",
    body=lambda _: None,
    judge=lambda answer, known: read_account(answer, now=known.now, newest=known.newest),
    repeatable=True,
    silence=60,
    headers={"Cache-Control": "no-cache"},  # what a cache lacks was bought a second time
)
