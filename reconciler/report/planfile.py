"""Reads a saved plan back: its checksum, and what it does to which entries."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar, cast

from reconciler.errors import UsageError
from reconciler.plan import DONE, Action, Among
from reconciler.report.json import PLAN
from reconciler.report.kinds import ACTIONS
from reconciler.report.words import printable, quoted

_HINT: Final = "save one with: reconciler plan --out plan.json"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What `apply PLANFILE` holds the present against: nothing beyond *done* may be done."""

    checksum: str
    done: Among


def read_plan(text: str, *, source: str) -> SavedPlan:
    """Return the plan saved as *text*; *source* names it in the UsageError that refuses others."""
    source = printable(source)
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        where = f":{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise UsageError(f"{source}{where}: not a saved plan: not JSON", hint=_HINT) from None
    found = document.get("format") if isinstance(document, dict) else None
    if found != PLAN:
        raise UsageError(f"{source}: {_stranger(found)}", hint=_HINT)
    if document.get("checksum", "") is None:
        said = "this plan was made without some of the manifest's values, so nothing binds to it"
        raise UsageError(f"{source}: {said}", hint=_HINT)
    try:
        return _plan(document)
    except ValueError as error:
        raise UsageError(f"{source}: a damaged plan: {error}", hint=_HINT) from None


def _stranger(found: object) -> str:
    if isinstance(found, str) and found.startswith("reconciler.plan/"):
        return f"a plan in the format {quoted(found)}, but this program reads {PLAN}"
    if isinstance(found, str) and found.startswith("reconciler."):
        return f"not a saved plan: its format is {quoted(found)}"
    return "not a saved plan"


def _plan(document: dict[str, object]) -> SavedPlan:
    rows = _typed(document, "actions", list)
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("actions must hold objects")
    actions = cast(list[dict[str, object]], rows)
    done: dict[type[Action], tuple[str, ...]] = {
        kind: _keys(actions, ACTIONS[kind].word) for kind in DONE
    }
    return SavedPlan(checksum=_typed(document, "checksum", str), done=done)


def _keys(actions: Sequence[dict[str, object]], word: str) -> tuple[str, ...]:
    keys = [_typed(row, "key", str) for row in actions if _typed(row, "action", str) == word]
    if len(set(keys)) != len(keys):
        raise ValueError(f"an entry has the action {word} twice")
    return tuple(keys)


def _typed(row: dict[str, object], name: str, kind: type[T]) -> T:
    value = row.get(name)
    if not isinstance(value, kind):
        raise ValueError(f"{name} is missing or is no {_KINDS[kind]}")
    return value


_KINDS: Final[dict[type, str]] = {str: "string", list: "array"}
