"""Reads a fault script: what `schema/faults.schema.json` allows becomes rules.

The schema says which words there are and which go together; here stands what each makes.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.sandbox.answers import (
    Again,
    Answer,
    Close,
    Cut,
    Hang,
    Huge,
    Redirect,
    Refuse,
    Reply,
    Reset,
    Reshaped,
    Shape,
    Twice,
    Usual,
)
from reconciler.sandbox.hands import (
    PHONE,
    ByHand,
    DeleteByHand,
    LinkByHand,
    MakeByHand,
    RenameByHand,
    SetByHand,
    StateByHand,
    UnlinkByHand,
)
from reconciler.sandbox.rules import (
    CLEAN,
    PLAIN,
    READING,
    Aftermath,
    Match,
    On,
    Rule,
    Twist,
    View,
)
from reconciler.schemas import shipped_schema, shipped_validator

Said = Mapping[str, Any]


_MATCH_WORDS: Final = {"on", "name", "nth", "every", "probability", "times", "perName"}


class ScriptError(Exception):
    """The script can't be used; *rule* counts from 1, None when it isn't a list at all."""

    def __init__(self, rule: int | None, reason: str) -> None:
        super().__init__(reason if rule is None else f"rule {rule}: {reason}")
        self.rule = rule


def read_script(document: object) -> tuple[Rule, ...]:
    """Turn what JSON or YAML made of a script into rules; raises `ScriptError`."""
    if not shipped_validator("faults").is_valid(document):
        raise _refusal(document)
    assert isinstance(document, list)  # noqa: S101 - so the schema says
    rules = []
    for number, said in enumerate(document, start=1):
        rule = _rule(said)
        if not said.keys() - _MATCH_WORDS:
            raise ScriptError(number, "do is missing")
        if rule.before and (rule.twist, rule.aftermath) != (PLAIN, CLEAN):
            raise ScriptError(number, "before, there is no instance to change: when after")
        rules.append(rule)
    return tuple(rules)


# --- why it is refused -----------------------------------------------------------------------


def _refusal(document: object) -> ScriptError:
    """Tell of the first thing that is wrong, in the schema's own words or the library's."""
    errors = shipped_validator("faults").errors(document)
    error = min(errors, key=lambda error: list(map(str, error.absolute_path)))
    words = _own_words(error.absolute_schema_path) or error.message
    number, field = [*error.absolute_path, None, None][:2]
    reason = words if field is None else f"{field}: {words}"
    return ScriptError(None if number is None else int(number) + 1, reason)


def _own_words(path: Iterable[str | int]) -> str | None:
    """Return the innermost `errorMessage` on the way to the keyword that refused.

    A string speaks for everything below it, an object for the keywords that it names.
    """
    said: str | None = None
    node: Any = shipped_schema("faults")
    for step in path:
        match node:
            case {"errorMessage": str(words)}:
                said = words
            case {"errorMessage": {**words}} if step in words:
                said = str(words[step])
        node = _resolved(node[step])
    return said


def _resolved(node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        node = shipped_schema("faults")["definitions"][node["$ref"].rsplit("/", 1)[-1]]
    return node


# --- what it makes ---------------------------------------------------------------------------

# Answers that say that nothing was done. Any other one may hide an instance.
_NOTHING_DONE: Final = frozenset({400, 401, 403, 404, 405, 406, 411, 413, 414, 415, 422, 429})


def _rule(said: Said) -> Rule:
    on, answer = On(said["on"]), _answer(said)
    word = said.get("do", "usual")
    return Rule(
        _match(said, on),
        answer,
        before=_strikes_before(said, word, on),
        delay=0.0 if isinstance(answer, Hang) else float(said.get("seconds", 0)),
        twist=_twist(said),
        aftermath=Aftermath(
            drops=said.get("drops"),
            shown_seconds=float(said.get("shownSeconds", 0)),
            restart_seconds=said.get("restartSeconds"),
            unlinks=said.get("unlinks", False),
        ),
        view=View(
            stale_seconds=float(said.get("staleSeconds", 0)),
            lacks=said.get("lacks"),
            first=said.get("first"),
        ),
        hands_before=tuple(_by_hand(hand) for hand in said.get("handsBefore", ())),
        hands_after=tuple(_by_hand(hand) for hand in said.get("handsAfter", ())),
        headers={name.lower(): str(line) for name, line in said.get("headers", {}).items()},
        date_seconds=said.get("dateSeconds"),
        said=said,
    )


def _match(said: Said, on: On) -> Match:
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


def _strikes_before(said: Said, word: str | None, on: On) -> bool:
    if on in READING:
        return word not in shipped_schema("faults")["definitions"]["showsWhatWasDone"]["enum"]
    if "when" in said:
        return bool(said["when"] == "before")
    match word:
        case "refuse":
            return True
        case "status":
            return said["status"] in _NOTHING_DONE
        case "code":
            code = said["code"]
            return code in _NOTHING_DONE or (code < 400 and not 200 <= code <= 299)
        case _:
            return False


def _twist(said: Said) -> Twist:
    return Twist(
        lag=said.get("lag", 0),
        lag_seconds=float(said.get("lagSeconds", 0)),
        new_name=said.get("newName"),
        trim_name=said.get("trimName", False),
        case=said.get("caseName"),
        form=said.get("unicodeName"),
        escape_name=said.get("escapeName", False),
        cut_name=said.get("cutName"),
        twin=said.get("twin", False),
    )


def _by_hand(said: Said) -> ByHand:
    [word] = said.keys() & _HANDS.keys()
    return _HANDS[word](said)


def _link(said: Said) -> ByHand:
    phone, settings = said.get("phone", PHONE), said.get("settings", {})
    return LinkByHand(said["link"], phone, settings, said.get("password"))


_HANDS: Final[Mapping[str, Callable[[Said], ByHand]]] = {
    "make": lambda said: MakeByHand(said["make"]),
    "rename": lambda said: RenameByHand(said["rename"], said["to"]),
    "delete": lambda said: DeleteByHand(said["delete"]),
    "link": _link,
    "unlink": lambda said: UnlinkByHand(said["unlink"]),
    "set": lambda said: SetByHand(said["set"], said["settings"]),
    "put": lambda said: StateByHand(said["put"], said["state"]),
}


def _answer(said: Said) -> Answer:
    word = said.get("do", "usual")
    return _ANSWERS["null" if word is None else word](said)  # unquoted in YAML it is not the word


def _status(said: Said) -> Reply:
    wait = said.get("retryAfter")
    return Reply(
        said["status"],
        said.get("body", "").encode(),
        retry_after=None if wait is None else str(wait),
        retry_after_date=said.get("retryAfterDate"),
    )


def _page(said: Said) -> Answer:
    return replace(_status({"status": 403, "body": _PAGE, **said}), media_type="text/html")


def _code(said: Said) -> Answer:
    body = {"code": said["code"], "description": said.get("description", "made up by the sandbox")}
    return Reply(200, json.dumps(body).encode())


_PAGE: Final = "<!doctype html>\n<title>Access denied</title>\n<p>This request was blocked.</p>\n"
_GARBAGE: Final = b"<html>\r\n<head><title>200 \xff\xfe</title></head>\x00 not what you asked for"
_NESTED: Final = b"[" * 200_000 + b"]" * 200_000

_ANSWERS: Final[Mapping[str, Callable[[Said], Answer]]] = {
    "usual": lambda said: Usual(said.get("status", 200)),
    "close": lambda _: Close(),
    "reset": lambda _: Reset(),
    "hang": lambda said: Hang(said.get("seconds")),
    "status": _status,
    "code": _code,
    "page": _page,
    "redirect": lambda said: Redirect(said.get("status", 307), said.get("location")),
    "refuse": lambda _: Refuse(),
    "garbage": lambda _: Reply(200, _GARBAGE),
    "null": lambda _: Reply(200, b"null"),
    "empty": lambda _: Reply(200, b""),
    "nested": lambda _: Reply(200, _NESTED),
    "cut": lambda _: Cut(),
    "huge": lambda said: Huge(said.get("mebibytes", 64)),
    "again": lambda _: Again(),
    "twice": lambda _: Twice(),
    "no-token": lambda _: Reshaped(Shape.NO_TOKEN),
    "string-id": lambda _: Reshaped(Shape.STRING_ID),
    "extra-fields": lambda _: Reshaped(Shape.EXTRA_FIELDS),
}
