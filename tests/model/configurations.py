"""Under which assumptions the protocol holds, and what happens without each of them.

`HOLDS` are the promises of docs/exactly-once.md. `NEEDED` takes one assumption away at a time, and
`SAFEGUARDS` one thing that the program does: each must have a counterexample, or the assumption
was idle, the safeguard useless, or the model blind.
"""

from typing import Final

_RUNNERS: Final = ("-DTRAVELS", "-DSETTLED=2", "-DMAXT=6")
_IN_TURN: Final = (*_RUNNERS, "-DTURNS")
_AT_ONCE: Final = (*_RUNNERS, "-DRUNS=2")  # two runs are all that can meet
_ONE_DISK: Final = ("-DMAXT=9",)
_PROMPT: Final = ("-DDMAX=0", "-DLMAX=0")  # a service that makes and lists at once

HOLDS: Final[dict[str, tuple[str, ...]]] = {
    "one disk, killed and frozen anywhere": _ONE_DISK,
    "one disk, frozen between the clock and the request": (*_ONE_DISK, "-DFREEZES"),
    "made and listed as late as --settled-after": (*_ONE_DISK, "-DDMAX=2"),
    "somebody's instance is never joined by ours": (*_ONE_DISK, "-DFOREIGN", "-DTWINS"),
    "nobody looks at the account": (*_ONE_DISK, "-DBLIND"),
    "a lost state, and all is listed": (*_ONE_DISK, *_PROMPT, "-DLOSES"),
    "throttled, and listed before the next try": (*_ONE_DISK, *_PROMPT, "-DTHROTTLES"),
    "refused after creating, and listed at once": (*_ONE_DISK, *_PROMPT, "-DLIES"),
    "runners in turn, and a checkpoint": (*_IN_TURN, "-DCHECKPOINT"),
    "runners in turn that push whatever happens": (*_IN_TURN, "-DPOSTSTEP"),
    "two runners at once, and a checkpoint": (*_AT_ONCE, "-DCHECKPOINT"),
}

NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "made or listed later than --settled-after": (*_ONE_DISK, "-DDMAX=2", "-DLMAX=2"),
    "a clock that jumps ahead, and no other": (*_ONE_DISK, "-DJUMPS"),
    "somebody makes one of the name": (*_ONE_DISK, "-DFOREIGN"),
    "somebody deletes an unresolved one": (*_ONE_DISK, "-DDELETES"),
    "two states for one name": (*_ONE_DISK, "-DTWO_STATES"),
    "a state that is lost before all is listed": (*_ONE_DISK, "-DLOSES"),
    "a lost state, and --no-remote-check": (*_ONE_DISK, *_PROMPT, "-DLOSES", "-DBLIND"),
    "a refusal of what was created": (*_ONE_DISK, "-DLIES"),
    "throttled after creating, and listed late": (*_ONE_DISK, "-DTHROTTLES"),
    "a runner that takes its disk along": _IN_TURN,
    "two runners at once, without a checkpoint": (*_AT_ONCE, "-DPOSTSTEP"),
    "a runner frozen between clock and request": (*_IN_TURN, "-DCHECKPOINT", "-DFREEZES"),
}

SAFEGUARDS: Final[dict[str, tuple[str, ...]]] = {
    "the intent before the request": (*_ONE_DISK, "-DNO_INTENT"),
    "never to send again": (*_ONE_DISK, "-DSENDS_AGAIN"),
    "age from the end of the exposure": (*_ONE_DISK, "-DWINDOW=3", "-DNO_EXPOSURE"),
    "launchUntil, among runners": (*_AT_ONCE, "-DCHECKPOINT", "-DNO_WINDOW"),
    "the account again, after the question": (
        *_ONE_DISK,
        "-DFOREIGN",
        "-DTWINS",
        "-DNO_RELIST",
    ),
}
