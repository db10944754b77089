"""Reads a fault script: a JSON list of objects becomes rules, or one clear message."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.sandbox.faults import (
    Answer,
    Close,
    Cut,
    Hang,
    Huge,
    Match,
    On,
    Redirect,
    Refuse,
    Reply,
    Reset,
    Reshaped,
    Rule,
    Shape,
    Twist,
    Usual,
)


class ScriptError(Exception):
    """The script can't be used; the text names the rule and the field."""


def read_script(document: object) -> tuple[Rule, ...]:
    """Turn what JSON made of a script into rules; raises `ScriptError`."""
    if not isinstance(document, list):
        raise ScriptError("a fault script is a list of rules")
    return tuple(_read_rule(f"rule {n}", item) for n, item in enumerate(document, start=1))


def read_script_text(text: str | bytes) -> tuple[Rule, ...]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ScriptError(f"not JSON: {error}") from None
    return read_script(document)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of value: how to say it, how to recognise it."""

    said: str
    fits: Callable[[Any], bool]


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TEXT: Final = _Kind("a string", lambda v: isinstance(v, str))
_FLAG: Final = _Kind("true or false", lambda v: isinstance(v, bool))
_COUNT: Final = _Kind("a whole number from 1", lambda v: _is_int(v) and v >= 1)
_TIMES: Final = _Kind(
    'a whole number from 1, or "always"', lambda v: v == "always" or (_is_int(v) and v >= 1)
)
_SIZE: Final = _Kind("a whole number from 0", lambda v: _is_int(v) and v >= 0)
_SHARE: Final = _Kind(
    "a number from 0 to 1", lambda v: (_is_int(v) or isinstance(v, float)) and 0 <= v <= 1
)
_SECONDS: Final = _Kind(
    "a number of seconds from 0", lambda v: (_is_int(v) or isinstance(v, float)) and v >= 0
)
_STATUS: Final = _Kind("an HTTP status from 200 to 599", lambda v: _is_int(v) and 200 <= v <= 599)
_CODE: Final = _Kind("a whole number", _is_int)
_WAIT: Final = _Kind(
    "a number of seconds or a string",
    lambda v: (isinstance(v, str) and v.isprintable() and v.isascii()) or (_is_int(v) and v >= 0),
)

_MATCH_FIELDS: Final = {
    "on": _Kind("one of " + ", ".join(On), lambda v: v in list(On)),
    "name": _TEXT,
    "nth": _COUNT,
    "every": _COUNT,
    "probability": _SHARE,
    "times": _TIMES,
    "perName": _FLAG,
}
_TWIST_FIELDS: Final = {
    "lag": _SIZE,
    "lagSeconds": _SECONDS,
    "newName": _TEXT,
    "trimName": _FLAG,
    "cutName": _SIZE,
    "twin": _FLAG,
}
_EITHER: Final = {
    "when": _Kind('"before" or "after"', lambda v: v in ("before", "after")),
    "seconds": _SECONDS,
}


@dataclass(frozen=True, slots=True)
class _Action:
    """One word of `do`: the fields it takes, those it needs, what they make."""

    make: Callable[[Mapping[str, Any]], Answer]
    takes: Mapping[str, _Kind]
    needs: tuple[str, ...] = ()
    needs_result: bool = False  # there must be a usual answer to change
    harmless: Callable[[Mapping[str, Any]], bool] = lambda _: False  # nothing is done, by default


def _fixed(answer: Answer) -> Callable[[Mapping[str, Any]], Answer]:
    return lambda _: answer


def _status(rule: Mapping[str, Any]) -> Answer:
    wait = rule.get("retryAfter")
    return Reply(
        rule["status"],
        rule.get("body", "").encode(),
        retry_after=None if wait is None else str(wait),
        retry_after_date=rule.get("retryAfterDate"),
    )


def _code(rule: Mapping[str, Any]) -> Answer:
    said = {"code": rule["code"], "description": rule.get("description", "made up by the sandbox")}
    return Reply(200, json.dumps(said).encode())


_GARBAGE: Final = b"<html>\r\n<head><title>200 \xff\xfe</title></head>\x00 not what you asked for"
_NESTED: Final = b"[" * 200_000 + b"]" * 200_000

_ACTIONS: Final[Mapping[str, _Action]] = {
    "usual": _Action(_fixed(Usual()), {}, needs_result=True),
    "close": _Action(_fixed(Close()), {}),
    "reset": _Action(_fixed(Reset()), {}),
    "hang": _Action(lambda rule: Hang(rule.get("seconds")), {}),
    "status": _Action(
        _status,
        {"status": _STATUS, "retryAfter": _WAIT, "retryAfterDate": _SECONDS, "body": _TEXT},
        ("status",),
        harmless=lambda rule: 400 <= rule["status"] < 499,
    ),
    "code": _Action(
        _code,
        {"code": _CODE, "description": _TEXT},
        ("code",),
        harmless=lambda rule: rule["code"] < 499 and rule["code"] != 200,
    ),
    "redirect": _Action(
        lambda rule: Redirect(rule.get("status", 307), rule.get("location")),
        {"status": _STATUS, "location": _TEXT},
    ),
    "refuse": _Action(_fixed(Refuse()), {}, harmless=lambda _: True),
    "garbage": _Action(_fixed(Reply(200, _GARBAGE)), {}),
    "null": _Action(_fixed(Reply(200, b"null")), {}),
    "empty": _Action(_fixed(Reply(200, b"")), {}),
    "nested": _Action(_fixed(Reply(200, _NESTED)), {}),
    "cut": _Action(_fixed(Cut()), {}, needs_result=True),
    "huge": _Action(
        lambda rule: Huge(rule.get("mebibytes", 64)), {"mebibytes": _COUNT}, needs_result=True
    ),
    **{shape: _Action(_fixed(Reshaped(shape)), {}, needs_result=True) for shape in Shape},
}


def _read_rule(place: str, item: object) -> Rule:
    if not isinstance(item, dict):
        raise ScriptError(
            f'{place}: a rule is an object, such as {{"on": "create", "do": "close"}}'
        )
    word = item.get("do", "usual")
    action = _ACTIONS.get(word) if isinstance(word, str) else None
    if action is None:
        raise ScriptError(f"{place}: do: {word!r} is not one of {', '.join(_ACTIONS)}")
    _check_fields(place, item, {**_MATCH_FIELDS, **_TWIST_FIELDS, **_EITHER, **action.takes}, word)
    for field in ("on", *action.needs):
        if field not in item:
            raise ScriptError(f"{place}: {field} is missing")
    match, answer, twist = _read_match(item), action.make(item), _read_twist(item)
    before = item.get("when", "before" if action.harmless(item) else "after") == "before"
    _check_sense(place, item, action, match, before=before)
    delay = 0.0 if isinstance(answer, Hang) else float(item.get("seconds", 0))
    return Rule(match, answer, before=before, delay=delay, twist=twist)


def _check_fields(
    place: str, item: Mapping[str, Any], fields: Mapping[str, _Kind], word: str
) -> None:
    for field, value in item.items():
        if field == "do":
            continue
        if field not in fields:
            raise ScriptError(
                f"{place}: {field!r} is not a field of a rule that does {word!r};"
                f" there are {', '.join(fields)}"
            )
        if not fields[field].fits(value):
            raise ScriptError(f"{place}: {field}: {value!r} is not {fields[field].said}")


def _read_match(item: Mapping[str, Any]) -> Match:
    often = "every" in item or "probability" in item
    times = item.get("times", "always" if often else 1)
    return Match(
        on=On(item["on"]),
        name=item.get("name", "*"),
        nth=item.get("nth"),
        every=item.get("every"),
        probability=item.get("probability"),
        times=None if times == "always" else times,
        per_name=item.get("perName", False),
    )


def _read_twist(item: Mapping[str, Any]) -> Twist:
    return Twist(
        lag=item.get("lag", 0),
        lag_seconds=float(item.get("lagSeconds", 0)),
        new_name=item.get("newName"),
        trim_name=item.get("trimName", False),
        cut_name=item.get("cutName"),
        twin=item.get("twin", False),
    )


def _check_sense(
    place: str, item: Mapping[str, Any], action: _Action, match: Match, *, before: bool
) -> None:
    """Refuse what would silently do nothing."""
    twisted = [field for field in _TWIST_FIELDS if field in item]
    if twisted and (match.on is not On.CREATE or before):
        raise ScriptError(f"{place}: {twisted[0]} needs an instance: on create, when after")
    if action.needs_result and before:
        raise ScriptError(
            f"{place}: do {item.get('do', 'usual')} has nothing to show before: when after"
        )
    if match.on is On.LIST and "name" in item:
        raise ScriptError(f"{place}: name: a listing has none")
    if "do" not in item and not twisted and "seconds" not in item:
        raise ScriptError(f"{place}: do is missing")
