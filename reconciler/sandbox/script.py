"""Reads a fault script: a list of objects becomes rules, or one clear message.

The words of a script stand here once each: what selects requests, what changes the instance,
and, for every word of `do`, what it makes and which fields belong to it.
"""

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
    """The script can't be used; *rule* counts from 1, None when it isn't a list at all."""

    def __init__(self, rule: int | None, reason: str) -> None:
        super().__init__(reason if rule is None else f"rule {rule}: {reason}")
        self.rule = rule


def read_script(document: object) -> tuple[Rule, ...]:
    """Turn what JSON or YAML made of a script into rules; raises `ScriptError`."""
    if not isinstance(document, list):
        raise ScriptError(None, "a fault script is a list of rules")
    rules = []
    for number, item in enumerate(document, start=1):
        try:
            rules.append(_read_rule(item))
        except _WrongError as wrong:
            raise ScriptError(number, str(wrong)) from None
    return tuple(rules)


class _WrongError(Exception):
    """What is wrong with the rule at hand."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of value: how to say it, how to recognise it."""

    said: str
    fits: Callable[[Any], bool]


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _between(value: object, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


_DAY: Final = 86_400
_TEXT: Final = _Kind("a string", lambda v: isinstance(v, str))
_HEADER: Final = _Kind(
    "a line of ASCII", lambda v: isinstance(v, str) and v.isprintable() and v.isascii()
)
_FLAG: Final = _Kind("true or false", lambda v: isinstance(v, bool))
_COUNT: Final = _Kind("a whole number from 1", lambda v: _whole(v) and v >= 1)
_SIZE: Final = _Kind("a whole number from 0", lambda v: _whole(v) and v >= 0)
_CODE: Final = _Kind("a whole number", _whole)
_STATUS: Final = _Kind("an HTTP status", lambda v: _whole(v) and 200 <= v <= 599)
_REDIRECT: Final = _Kind("a status from 301 to 308", lambda v: _whole(v) and 301 <= v <= 308)
_SHARE: Final = _Kind("a number from 0 to 1", lambda v: _between(v, 0, 1))
_SECONDS: Final = _Kind(f"a number of seconds from 0 to {_DAY}", lambda v: _between(v, 0, _DAY))
_WAIT: Final = _Kind(
    "a number of seconds or a line of ASCII", lambda v: _SIZE.fits(v) or _HEADER.fits(v)
)

MATCH_FIELDS: Final[Mapping[str, _Kind]] = {
    "on": _Kind("one of " + ", ".join(On), lambda v: v in tuple(On)),
    "name": _TEXT,
    "nth": _COUNT,
    "every": _COUNT,
    "probability": _SHARE,
    "times": _Kind('a whole number from 1, or "always"', lambda v: v == "always" or _COUNT.fits(v)),
    "perName": _FLAG,
}
TWIST_FIELDS: Final[Mapping[str, _Kind]] = {
    "lag": _SIZE,
    "lagSeconds": _SECONDS,
    "newName": _TEXT,
    "trimName": _FLAG,
    "cutName": _SIZE,
    "twin": _FLAG,
}
TIMING_FIELDS: Final[Mapping[str, _Kind]] = {
    "when": _Kind('"before" or "after"', lambda v: v in ("before", "after")),
    "seconds": _SECONDS,
}
_READING: Final = frozenset({On.LIST, On.STATE, On.SETTINGS})

_Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Action:
    """A word of `do`: the answer it makes, the fields it takes, the one it can't do without."""

    make: Callable[[_Said], Answer]
    takes: Mapping[str, _Kind]
    needs: str | None = None
    shows_result: bool = False  # there must be a usual answer to show or to spoil
    harmless: Callable[[_Said], bool] = lambda _: False  # the service did nothing, by default


def _always(answer: Answer, *, shows_result: bool = False) -> _Action:
    return _Action(lambda _: answer, {}, shows_result=shows_result)


def _status(rule: _Said) -> Answer:
    wait = rule.get("retryAfter")
    return Reply(
        rule["status"],
        rule.get("body", "").encode(),
        retry_after=None if wait is None else str(wait),
        retry_after_date=rule.get("retryAfterDate"),
    )


def _code(rule: _Said) -> Answer:
    said = {"code": rule["code"], "description": rule.get("description", "made up by the sandbox")}
    return Reply(200, json.dumps(said).encode())


_GARBAGE: Final = b"<html>\r\n<head><title>200 \xff\xfe</title></head>\x00 not what you asked for"
_NESTED: Final = b"[" * 200_000 + b"]" * 200_000

ACTIONS: Final[Mapping[str, _Action]] = {
    "usual": _always(Usual(), shows_result=True),
    "close": _always(Close()),
    "reset": _always(Reset()),
    "hang": _Action(lambda rule: Hang(rule.get("seconds")), {}),
    "status": _Action(
        _status,
        {"status": _STATUS, "retryAfter": _WAIT, "retryAfterDate": _SECONDS, "body": _TEXT},
        needs="status",
        harmless=lambda rule: 400 <= rule["status"] < 499,
    ),
    "code": _Action(
        _code,
        {"code": _CODE, "description": _TEXT},
        needs="code",
        harmless=lambda rule: rule["code"] < 499 and rule["code"] != 200,
    ),
    "redirect": _Action(
        lambda rule: Redirect(rule.get("status", 307), rule.get("location")),
        {"status": _REDIRECT, "location": _HEADER},
    ),
    "refuse": _Action(lambda _: Refuse(), {}, harmless=lambda _: True),
    "garbage": _always(Reply(200, _GARBAGE)),
    "null": _always(Reply(200, b"null")),
    "empty": _always(Reply(200, b"")),
    "nested": _always(Reply(200, _NESTED)),
    "cut": _always(Cut(), shows_result=True),
    "huge": _Action(
        lambda rule: Huge(rule.get("mebibytes", 64)), {"mebibytes": _COUNT}, shows_result=True
    ),
    **{shape: _always(Reshaped(shape), shows_result=True) for shape in Shape},
}


def _read_rule(said: object) -> Rule:
    if not isinstance(said, dict):
        raise _WrongError('a rule is an object, such as {"on": "create", "do": "close"}')
    word = said.get("do", "usual")
    word = "null" if word is None else word  # unquoted in YAML it is not the word
    action = ACTIONS.get(word) if isinstance(word, str) else None
    if action is None:
        raise _WrongError(f"do: {word!r} is not one of {', '.join(ACTIONS)}")
    _check_fields(said, word, action)
    on = On(said["on"])
    _check_sense(said, word, action, on)
    answer = action.make(said)
    return Rule(
        _read_match(said, on),
        answer,
        before=_strikes_before(said, action, on),
        delay=0.0 if isinstance(answer, Hang) else float(said.get("seconds", 0)),
        twist=_read_twist(said),
        said=said,
    )


def _check_fields(said: _Said, word: str, action: _Action) -> None:
    fields = {**MATCH_FIELDS, **TWIST_FIELDS, **TIMING_FIELDS, **action.takes}
    for field, value in said.items():
        if field == "do":
            continue
        if field not in fields:
            known = ", ".join(fields)
            raise _WrongError(f"{field!r} is no field of a rule that does {word!r}: {known}")
        if not fields[field].fits(value):
            raise _WrongError(f"{field}: {value!r} is not {fields[field].said}")
    for field in filter(None, ("on", action.needs)):
        if field not in said:
            raise _WrongError(f"{field} is missing")


def _check_sense(said: _Said, word: str, action: _Action, on: On) -> None:
    """Refuse what would silently do nothing."""
    twisted = [field for field in TWIST_FIELDS if field in said]
    if twisted and (on is not On.CREATE or _strikes_before(said, action, on)):
        raise _WrongError(f"{twisted[0]} needs an instance: on create, when after")
    if on in _READING and "when" in said:
        raise _WrongError(f"when: {on} changes nothing that could come before or after")
    if said.get("when") == "before" and action.shows_result:
        raise _WrongError(f"do {word} shows what was done: when after")
    if on is On.LIST and "name" in said:
        raise _WrongError("name: a listing has none")
    if "do" not in said and not twisted and "seconds" not in said:
        raise _WrongError("do is missing")


def _strikes_before(said: _Said, action: _Action, on: On) -> bool:
    if on in _READING:
        return not action.shows_result
    return bool(said.get("when", "before" if action.harmless(said) else "after") == "before")


def _read_match(said: _Said, on: On) -> Match:
    often = "every" in said or "probability" in said
    times = said.get("times", "always" if often else 1)
    return Match(
        on=on,
        name=said.get("name", "*"),
        nth=said.get("nth"),
        every=said.get("every"),
        probability=said.get("probability"),
        times=None if times == "always" else times,
        per_name=said.get("perName", False),
    )


def _read_twist(said: _Said) -> Twist:
    return Twist(
        lag=said.get("lag", 0),
        lag_seconds=float(said.get("lagSeconds", 0)),
        new_name=said.get("newName"),
        trim_name=said.get("trimName", False),
        cut_name=said.get("cutName"),
        twin=said.get("twin", False),
    )
