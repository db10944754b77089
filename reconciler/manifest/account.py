"""`account:` in a manifest: the partner account it is for. A second account is a second file."""

from dataclasses import dataclass, field
from typing import Any

from reconciler.errors import UsageError
from reconciler.manifest.document import PlacedDict
from reconciler.manifest.findings import Findings
from reconciler.manifest.problems import Severity
from reconciler.manifest.references import Dangling, Resolved, Resolver
from reconciler.places import Place, place_of
from reconciler.secrets import Secret
from reconciler.urls import check_url


@dataclass(frozen=True, slots=True)
class Price:
    """What one instance costs a day; *currency* as in ISO 4217."""

    amount: float
    currency: str


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Where the account's API is, who asks, where its state lies, what an instance costs.

    *token* is what the reference brought, or why it brought nothing: only who asks needs it. *url*
    and *state*, where a reference brought nothing, are why, as well.
    """

    url: str | Dangling | None = None
    token: Secret | Dangling | None = field(default=None, repr=False)
    state: Place | Dangling | None = None
    price_per_day: Price | None = None


def read_account(
    root: Any, resolver: Resolver, findings: Findings, *, absent: Severity = Severity.ERROR
) -> AccountSettings | None:
    """Return what the manifest *root* says of its account; None where it says nothing.

    *absent* is how bad a reference to what is not there is.
    """
    said = root.get("account") if isinstance(root, PlacedDict) else None
    if not isinstance(said, PlacedDict):
        return None
    url = _text(said, "url", resolver, findings, absent)
    state = _text(said, "state", resolver, findings, absent)
    return AccountSettings(
        url=_url(said, url, findings) if isinstance(url, str) else url,
        token=_token(said.get("token"), resolver),
        state=_place(said, state, resolver, findings) if isinstance(state, str) else state,
        price_per_day=_price(said.get("pricePerDay")),
    )


def _url(said: PlacedDict, url: str, findings: Findings) -> str | Dangling:
    try:
        return check_url(url)
    except UsageError as wrong:
        mark, hint = said.value_mark("url"), f"{wrong.hint}"
        findings.say(mark, "account.url", "account-url", wrong.message, hint)
        return Dangling(0, "account-url", wrong.message, hint)


def _place(
    said: PlacedDict, state: str, resolver: Resolver, findings: Findings
) -> Place | Dangling:
    try:
        return place_of(state, folder=resolver.folder)
    except UsageError as wrong:
        mark = said.value_mark("state")
        findings.say(mark, "account.state", "state-url", wrong.message, wrong.hint)
        return Dangling(0, "state-url", wrong.message, wrong.hint)


def _text(
    said: PlacedDict, key: str, resolver: Resolver, findings: Findings, absent: Severity
) -> str | Dangling | None:
    value = said.get(key)
    if not isinstance(value, str):
        return None  # what is of another type was told by the schema
    found = resolver.resolve(value)
    if isinstance(found, Resolved):
        return found.text
    mark, severity = said.value_mark(key) + found.offset, absent if found.absent else Severity.ERROR
    findings.say(
        mark, f"account.{key}", found.rule, found.message, found.hint, severity=severity
    )  # fmt: skip
    return found


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
