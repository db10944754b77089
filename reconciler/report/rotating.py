"""What became of rotations, for people and for programs; no token is in it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reconciler.report.json import ROTATE
from reconciler.report.rows import Json
from reconciler.report.words import NO_CALL, Call, counted, printable


class TokenBecame(StrEnum):
    """What became of the token of one instance."""

    ROTATED = "rotated"
    NOT_ROTATED = "notRotated"
    UNKNOWN = "unknown"
    NOT_TRIED = "notTried"


@dataclass(frozen=True, slots=True)
class Turn:
    """One instance's turn. *delivered*: what --then names has taken the new token."""

    key: str
    id_instance: int
    became: TokenBecame
    reason: str = ""
    delivered: bool | None = None


def exit_code(turns: Sequence[Turn]) -> int:
    """11 where it is not known what became of a token; else 5 where something was not done."""
    if any(turn.became is TokenBecame.UNKNOWN for turn in turns):
        return 11
    done = all(t.became is TokenBecame.ROTATED and t.delivered is not False for t in turns)
    return 0 if done else 5


def rotate_text(turns: Sequence[Turn]) -> str:
    """Return a line for each turn, and a sum."""
    lines = [
        f"{printable(turn.key)}: {_WORDS[turn.became]}{_reason(turn)}{_delivery(turn)}"
        for turn in turns
    ]
    rotated = sum(turn.became is TokenBecame.ROTATED for turn in turns)
    return "\n".join([*lines, f"{counted(rotated, 'token')} rotated"]) + "\n"


_WORDS = {
    TokenBecame.ROTATED: "rotated",
    TokenBecame.NOT_ROTATED: "not rotated",
    TokenBecame.UNKNOWN: "not known; the next rotate looks again",
    TokenBecame.NOT_TRIED: "not tried",
}


def _reason(turn: Turn) -> str:
    return f" ({printable(turn.reason)})" if turn.reason else ""


def _delivery(turn: Turn) -> str:
    return "" if turn.delivered is None else ", delivered" if turn.delivered else ", NOT delivered"


def rotate_json(turns: Sequence[Turn], *, call: Call = NO_CALL) -> str:
    """Return the turns as JSON."""
    code = exit_code(turns)
    document: Json = {"format": ROTATE}
    if code:
        hint = "run it again: it looks first" if code == 11 else "`results` says why"
        message = "not every token was rotated and delivered"
        document["error"] = {"code": code, "message": message, "hint": hint}
    document |= {
        "exitCode": code,
        "state": call.state,
        "results": [
            {
                "key": turn.key,
                "idInstance": turn.id_instance,
                "result": turn.became.value,
                "reason": turn.reason or None,
                "delivered": turn.delivered,
            }
            for turn in turns
        ],
    }
    return json.dumps(document, indent=2) + "\n"
