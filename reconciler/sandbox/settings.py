"""How the sandbox behaves as a whole: what the options say, and what a reset may change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from reconciler.sandbox.account import FIRST_ID
from reconciler.sandbox.states import NEWBORN


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """Times are in seconds; *limit* is in requests a second, None is unlimited.

    *unauthorized* is the HTTP status of the answer to a wrong token: deployments differ. The
    service's clock is *clock_ahead* of this machine's. A new instance goes through the phases
    *newborn* while *birth* lasts; *restart* is how long it takes to come back after setSettings
    and reboot, *logout* how long a logout goes on. *deleted_looks* is what the methods of a deleted
    instance answer. With *instance_limits*, each of them may be called once a second or so.
    """

    latency: float = 0.0
    birth: float = 0.0
    newborn: str = "null"
    restart: float = 0.0
    logout: float = 0.0
    limit: float | None = None
    retry_after: int | None = None
    unauthorized: int = 200
    tolerant: bool = False
    first_id: int = FIRST_ID
    type_instance: str = "whatsapp"
    clock_ahead: float = 0.0
    deleted_looks: str = "unauthorized"
    list_tokens: bool = True
    instance_limits: bool = True


# What the methods of a deleted instance may answer.
DELETED_LOOKS: Final = ("unauthorized", "missing", "gone", "starting")
_YEARS: Final = 10 * 365 * 86_400


class SettingsError(Exception):
    """A reset asks for something that isn't there; the text names it."""


def changed(settings: SandboxSettings, wanted: object) -> SandboxSettings:
    """Return *settings* with what a reset's body wants otherwise; raises `SettingsError`."""
    if not isinstance(wanted, Mapping):
        raise SettingsError("settings are a JSON object")
    for field, value in wanted.items():
        if field not in FIELDS:
            raise SettingsError(f"{field!r} is no setting; there are {', '.join(FIELDS)}")
        if not FIELDS[field][1](value):
            raise SettingsError(f"{field}: {value!r} does not fit")
    return replace(settings, **{FIELDS[field][0]: value for field, value in wanted.items()})


def is_newborn(text: str) -> bool:
    """Tell whether *text* names phases of a birth, separated by commas."""
    return set(text.split(",")) <= set(NEWBORN)


def _seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


FIELDS: Final[Mapping[str, tuple[str, Callable[[Any], bool]]]] = {
    "latency": ("latency", _seconds),
    "birth": ("birth", _seconds),
    "newborn": ("newborn", lambda v: isinstance(v, str) and is_newborn(v)),
    "restart": ("restart", _seconds),
    "logout": ("logout", _seconds),
    "limit": ("limit", lambda v: v is None or (_seconds(v) and v > 0)),
    "retryAfter": ("retry_after", lambda v: v is None or type(v) is int),
    "unauthorized": ("unauthorized", lambda v: v in (200, 400, 401)),
    "tolerant": ("tolerant", lambda v: isinstance(v, bool)),
    "firstId": ("first_id", lambda v: type(v) is int and v > 0),
    "typeInstance": ("type_instance", lambda v: isinstance(v, str)),
    "clockAhead": ("clock_ahead", lambda v: type(v) in (int, float) and abs(v) <= _YEARS),
    "deletedLooks": ("deleted_looks", lambda v: v in DELETED_LOOKS),
    "listTokens": ("list_tokens", lambda v: isinstance(v, bool)),
    "instanceLimits": ("instance_limits", lambda v: isinstance(v, bool)),
}
