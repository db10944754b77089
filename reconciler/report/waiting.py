"""How a wait ended: the values, for people and for programs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.evidence.states import Goal
from reconciler.report.json import WAIT
from reconciler.report.rows import Json
from reconciler.report.words import NO_CALL, Call, command, counted, lasted, listed, printable


class Became(StrEnum):
    """What became of an instance that was waited for."""

    REACHED = "reached"
    WAITING = "waiting"  # the time was up
    FAILED = "failed"  # suspended or blocked
    GONE = "gone"  # deleted, as the account says
    UNREACHABLE = "unreachable"  # no token, or no host that a token may go to


@dataclass(frozen=True, slots=True)
class Waited:
    """One instance: *word* is its state as it was last read, *reason* why it is not reached."""

    key: str
    id_instance: int
    became: Became
    word: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A whole wait for *goal*, by key; *seconds* is its length. *late*: the time was up."""

    goal: Goal
    rows: tuple[Waited, ...]
    seconds: float
    late: bool = False
    counts: Mapping[Became, int] = field(init=False)

    def __post_init__(self) -> None:
        counts = {each: sum(row.became is each for row in self.rows) for each in Became}
        object.__setattr__(self, "counts", counts)

    @property
    def exit_code(self) -> int:
        """11 when the time was up; else 5 when some will never be what was waited for."""
        if self.late:
            return 11
        return 0 if self.counts[Became.REACHED] == len(self.rows) else 5


def waiting_text(waiting: Waiting, *, call: Call = NO_CALL) -> str:
    """Return how it ended, one line for each instance that is not as it should be."""
    done = waiting.counts[Became.REACHED]
    instances = counted(len(waiting.rows), "instance")
    lines = [f"{done} of {instances} {waiting.goal}, after {lasted(waiting.seconds)}"]
    for row in waiting.rows:
        if row.became is not Became.REACHED:
            reason = f": {printable(row.reason)}" if row.reason else ""
            lines.append(f"  {printable(row.key)} ({row.id_instance}) {_WORDS[row.became]}{reason}")
    if gone := [row.key for row in waiting.rows if row.became is Became.GONE]:
        lines.append(f"What is gone can be forgotten: {listed(gone, limit=3)}")
        lines.append("  " + command("state", "rm", gone[0], options=call.options))
    return "\n".join(lines) + "\n"


_WORDS = {
    Became.WAITING: "is not there yet",
    Became.FAILED: "will not come to that",
    Became.GONE: "is gone from the account",
    Became.UNREACHABLE: "can't be asked",
}


def waiting_json(waiting: Waiting, *, call: Call = NO_CALL) -> str:
    """Return *waiting* as JSON."""
    code = waiting.exit_code
    document: Json = {"format": WAIT}
    if code:
        missing = len(waiting.rows) - waiting.counts[Became.REACHED]
        document["error"] = {
            "code": code,
            "message": f"{counted(missing, 'instance')} not {waiting.goal}",
            "hint": "wait again later" if code == 11 else "`instances` says why",
        }
    document |= {
        "for": waiting.goal.value,
        "exitCode": code,
        "seconds": round(waiting.seconds, 3),
        "state": call.state,
        "counts": {each.value: number for each, number in waiting.counts.items()},
        "instances": [
            {
                "key": row.key,
                "idInstance": row.id_instance,
                "result": row.became.value,
                "stateInstance": row.word,
                "reason": row.reason or None,
            }
            for row in waiting.rows
        ],
    }
    return json.dumps(document, indent=2) + "\n"
