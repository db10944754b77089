"""Waiting, on paper: who is asked when, and when it ends. Time passes by waiting."""

from collections.abc import Generator
from dataclasses import dataclass, field
from threading import Event as Flag
from typing import Any

from reconciler.apply.wait import Patience, Seen, wait_for
from reconciler.evidence.states import Goal, Hopeless, NotYet, Reached
from reconciler.partner.instances import InstanceAccess, StateTold
from reconciler.secrets import Secret

URL = "https://api.example.com"


class Waiting(Flag):
    """A flag for which nobody waits in earnest: the time of *paper* passes."""

    def __init__(self, paper: "Paper") -> None:
        super().__init__()
        self._paper = paper

    def wait(self, timeout: float | None = None) -> bool:
        self._paper.now += timeout or 0
        return self.is_set()


@dataclass
class Paper:
    """The API: each instance tells the *words* of its key, the last one again and again."""

    words: dict[str, list[str]]
    now: float = 0.0
    asked_for_the_time: int = 0
    busy: Flag = field(default_factory=Flag)
    url: str = URL

    def __post_init__(self) -> None:
        self.stopping: Flag = Waiting(self)

    def monotonic(self) -> float:
        self.asked_for_the_time += 1
        if self.asked_for_the_time == 100:
            self.busy.set()
        assert self.asked_for_the_time < 10_000, "it asks for the time and does not wait"
        return self.now

    def read(self, method: Any, asked: Any, **_: object) -> Any:
        left = self.words[asked.instance.token.reveal()]
        return StateTold(left.pop(0) if len(left) > 1 else left[0])

    def send(self, method: Any, asked: Any) -> Any:
        raise NotImplementedError

    def account(self, **_: object) -> Any:
        raise NotImplementedError


def waiting(paper: Paper, **patience: Any) -> Generator[tuple[str, Seen], None, None]:
    return wait_for(
        Goal.READY,
        {key: InstanceAccess(1, Secret(key), URL) for key in paper.words},
        Patience(**{"timeout": 300, "poll": 5, "concurrency": 50, **patience}),
        api=paper,
        monotonic=paper.monotonic,
        jitter=lambda: 0.5,
        stopping=paper.stopping,
    )


def test_each_is_asked_until_it_is_there_or_never_will_be() -> None:
    paper = Paper({"late": ["starting", "notAuthorized"], "dead": ["blocked"], "b": ["authorized"]})

    seen = list(waiting(paper))

    assert {key: [each for of, each in seen if of == key] for key in paper.words} == {
        "late": [NotYet("starting", "it is starting"), Reached("notAuthorized")],
        "dead": [Hopeless("blocked")],
        "b": [Reached("authorized")],
    }
    assert paper.now == 5
    assert paper.stopping.is_set()


def test_what_does_not_come_is_asked_again_until_the_time_is_up() -> None:
    paper = Paper({"a": ["starting"], "b": ["authorized"]})

    seen = list(waiting(paper, timeout=12))

    assert [key for key, _ in seen].count("a") == 3
    assert paper.now == 12


def test_where_there_is_nothing_to_wait_for_no_time_passes() -> None:
    assert list(waiting(Paper({}))) == []


def test_all_are_asked_though_they_take_turns() -> None:
    paper = Paper({key: ["starting", "authorized"] for key in "edcba"})

    seen = list(waiting(paper, concurrency=2))

    assert sorted(key for key, each in seen if isinstance(each, Reached)) == list("abcde")
    assert len(seen) == 10
    assert paper.now == 5


def test_answers_that_take_long_are_waited_for_in_peace() -> None:
    paper = Paper({"a": ["authorized"], "b": ["authorized"]})
    usual = paper.read

    def slow(method: Any, asked: Any, **how: object) -> Any:
        paper.busy.wait(0.1)  # for nothing
        return usual(method, asked, **how)

    paper.read = slow  # type: ignore[method-assign]

    assert len(list(waiting(paper, concurrency=1))) == 2
    assert not paper.busy.is_set()


def test_who_leaves_early_waits_for_no_answer() -> None:
    paper = Paper({"a": ["starting"], "b": ["starting"]})
    usual, both, left, heard = paper.read, Flag(), Flag(), Flag()

    def silent(method: Any, asked: Any, **how: object) -> Any:
        if asked.instance.token.reveal() == "b":
            both.set()
            left.wait(10)
            heard.set()
        both.wait(10)
        return usual(method, asked, **how)

    paper.read = silent  # type: ignore[method-assign]
    wait = waiting(paper)
    next(wait)

    wait.close()

    assert not heard.is_set()
    assert paper.stopping.is_set()
    left.set()
