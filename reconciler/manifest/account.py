"""`account:` in a manifest: the partner account it is for. A second account is a second file."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.manifest.document import PlacedDict
from reconciler.manifest.findings import Findings
from reconciler.manifest.references import Dangling, Resolved, Resolver
from reconciler.secrets import Secret


@dataclass(frozen=True, slots=True)
class Price:
    """What one instance costs a day; *currency* as in ISO 4217."""

    amount: float
    currency: str


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Where the account's API is, who asks, where its state lies, what an instance costs.

    *token* is what the reference brought, or why it brought nothing: only who asks needs it.
    """

    url: str | None = None
    token: Secret | Dangling | None = field(default=None, repr=False)
    state: Path | None = None
    price_per_day: Price | None = None


def read_account(root: Any, resolver: Resolver, findings: Findings) -> AccountSettings | None:
    """Return what the manifest *root* says of its account; None where it says nothing."""
    said = root.get("account") if isinstance(root, PlacedDict) else None
    if not isinstance(said, PlacedDict):
        return None
    state = _text(said, "state", resolver, findings)
    return AccountSettings(
        url=_text(said, "url", resolver, findings),
        token=_token(said.get("token"), resolver),
        state=None if state is None else resolver.folder / state,
        price_per_day=_price(said.get("pricePerDay")),
    )


def _text(said: PlacedDict, key: str, resolver: Resolver, findings: Findings) -> str | None:
    value = said.get(key)
    if not isinstance(value, str):
        return None  # what is of another type was told by the schema
    found = resolver.resolve(value)
    if isinstance(found, Dangling):
        mark = said.value_mark(key) + found.offset
        findings.say(mark, f"account.{key}", found.rule, found.message, found.hint)
        return None
    return found.text


def _token(value: Any, resolver: Resolver) -> Secret | Dangling | None:
    if not isinstance(value, str):
        return None
    found = resolver.resolve(value)
    # a literal is refused by the schema, and is never used
    match found:
        case Resolved(text, parts):
            return Secret(text) if parts else None
        case _:
            return found


def _price(value: Any) -> Price | None:
    match value:
        case {"amount": int() | float() as amount, "currency": str(currency)}:
            return Price(float(amount), currency)
        case _:
            return None
