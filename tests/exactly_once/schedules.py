"""Random histories: what a manifest may hold, and what may befall its runs, as hypothesis draws it.

A *mendable* history is one after which the next run must finish the work alone. It assumes three
things of the account, which `docs/exactly-once.md` states: that it lists an instance within
`--settled-after` of its announcement, that names stay as they were sent, and that nobody makes
instances by hand meanwhile. A *tampered* history breaks the last two, and some of its runs do
not look at the account before they create.
"""

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hypothesis import strategies as st

from reconciler.model import Desired
from tests.exactly_once.world import LISTINGS, RENAMES, REPLIES, Reply
from tests.state.paper_disk import LOSSES
from tests.values import desired

KEYS: Final = ("support-eu", "support-uk", "sales", "Sales", "hr_1", "x")


@dataclass(frozen=True)
class DiskFailure:
    """From step *nth* on, of those that begin with *step*, the disk answers *number*, *times*."""

    step: str
    nth: int
    times: int
    number: int

    def refuse(self) -> Callable[[str], OSError | None]:
        seen = 0

        def answer(step: str) -> OSError | None:
            nonlocal seen
            seen += step.startswith(self.step)
            failing = step.startswith(self.step) and 0 <= seen - self.nth < self.times
            return OSError(self.number, "the disk said no") if failing else None

        return answer


@dataclass(frozen=True)
class OneRun:
    """What befalls one run, and what happens in the *pause* after it."""

    left_out: frozenset[str]
    replies: tuple[Reply, ...]
    listings: tuple[str, ...]
    kill_at: int | None
    loss: str
    failure: DiskFailure | None
    pause: float
    clock: float  # by how many seconds the wall clock is put back, or forward again
    by_hand: tuple[str, ...]  # names of instances that a person makes in the pause
    blind: bool  # it does not look at the account first
    renamed: bool  # its manifest has new keys for what is all recorded, and the old names
    elsewhere: bool  # it is pointed at another account, at another URL
    meanwhile: tuple[str, ...]  # names of instances that a person makes while it asks its question
    swapped: bool  # its manifest gives the first two entries each other's names, one being recorded
    frozen: Mapping[int, float]  # before which step it stands still, and for how many seconds


@dataclass(frozen=True)
class History:
    """*before* is what the account already has: names, and whether the instance is deleted."""

    entries: tuple[Desired, ...]
    before: tuple[tuple[str, bool], ...]
    runs: tuple[OneRun, ...]


_CALM: Final = OneRun(
    left_out=frozenset(),
    replies=(),
    listings=(),
    kill_at=None,
    loss=next(iter(LOSSES)),
    failure=None,
    pause=0.0,
    clock=0.0,
    by_hand=(),
    blind=False,
    renamed=False,
    elsewhere=False,
    meanwhile=(),
    swapped=False,
    frozen={},
)
# While the first run asks its question, a person makes what it is about to create.
ASKED: Final = History(
    entries=(desired("sales"), desired("x")),
    before=(),
    runs=(replace(_CALM, meanwhile=("sales",)),),
)

_LAGS: Final = st.sampled_from((0.0, 0.0, 0.0, 1.0, 7.0, 45.0, 300.0, 590.0))
_HONEST: Final = st.sampled_from(tuple(REPLIES.values()))


def _lagging(replies: st.SearchStrategy[Reply]) -> st.SearchStrategy[Reply]:
    return st.builds(lambda reply, lag: replace(reply, lag=lag), replies, _LAGS)


def _tampered(replies: st.SearchStrategy[Reply]) -> st.SearchStrategy[Reply]:
    return st.builds(
        lambda reply, renamed, twin: replace(reply, renamed=renamed, twin=twin),
        replies,
        st.sampled_from((None, None, *RENAMES)),
        st.sampled_from((False, False, False, True)),
    )


_SELDOM: Final = st.sampled_from((False, False, False, True))
_FAILURES: Final = st.builds(
    DiskFailure,
    step=st.sampled_from(("write", "sync_data", "sync ", "sync_folder", "replace", "create")),
    nth=st.integers(1, 12),
    times=st.sampled_from((1, 2, 1000)),
    number=st.sampled_from((errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS)),
)


def _runs(*, tampered: bool) -> st.SearchStrategy[OneRun]:
    replies = _lagging(_HONEST)
    return st.builds(
        OneRun,
        left_out=st.frozensets(st.sampled_from(KEYS), max_size=2),
        replies=st.lists(_tampered(replies) if tampered else replies, max_size=8).map(tuple),
        listings=st.lists(st.sampled_from(LISTINGS), max_size=6).map(tuple),
        kill_at=st.none() | st.integers(1, 60),
        loss=st.sampled_from(tuple(LOSSES)),
        failure=st.none() | _FAILURES,
        pause=st.sampled_from((0.0, 0.5, 20.0, 200.0, 599.0, 601.0)),
        clock=st.sampled_from((0.0, 0.0, 0.0, -5.0, -3600.0)),
        by_hand=st.lists(st.sampled_from((*KEYS, "stranger")), max_size=2).map(tuple)
        if tampered
        else st.just(()),
        blind=st.booleans() if tampered else st.just(False),
        renamed=_SELDOM,
        elsewhere=_SELDOM,
        meanwhile=st.lists(st.sampled_from((*KEYS, "stranger")), max_size=1).map(tuple)
        if tampered
        else st.just(()),
        swapped=_SELDOM,
        frozen=st.dictionaries(
            st.integers(1, 60), st.sampled_from((20.0, 45.0, 700.0, 4000.0)), max_size=3
        ),
    )


@st.composite
def histories(draw: st.DrawFn, *, tampered: bool = False) -> History:
    """Draw one to six entries, what the account has before them, and up to four bad runs."""
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, unique=True))
    foreign = st.tuples(st.sampled_from(("other", "another")), st.booleans())
    deleted = st.tuples(st.sampled_from(keys), st.just(True))
    before = draw(st.lists(foreign | deleted, max_size=5))
    runs = draw(st.lists(_runs(tampered=tampered), min_size=1, max_size=4))
    if not tampered and not all(gone for _, gone in before):
        # What an old listing lacks looks new in the next: then a person is asked, and rightly.
        runs = [
            replace(run, listings=tuple(each for each in run.listings if each != "old"))
            for run in runs
        ]
    # A refusal that a middlebox says again, of a create that was done, is found out by a listing
    # alone (docs/exactly-once.md): who does not ask, or asks before it is listed, believes it.
    blind = any(run.blind for run in runs)
    runs = [
        replace(run, replies=tuple(replace(each, again=False) for each in run.replies))
        if blind or not all(reply.made for reply in run.replies)
        else run
        for run in runs
    ]
    return History(tuple(desired(key) for key in keys), tuple(before), tuple(runs))
