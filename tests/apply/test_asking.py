"""Many are asked at a time; who leaves early waits for nobody, and asks nobody any more."""

import threading
from threading import Event as Flag

from reconciler.apply.asking import ask_all
from reconciler.partner.instances import InstanceAccess
from reconciler.secrets import Secret

INSTANCES = {key: InstanceAccess(1, Secret(key), "https://api.example.com") for key in "abc"}


def test_each_is_asked_and_told_by_its_key() -> None:
    stopping = Flag()

    told = ask_all(
        INSTANCES, lambda access: access.token.reveal().upper(), concurrency=2, stopping=stopping
    )

    assert dict(told) == {"a": "A", "b": "B", "c": "C"}
    assert not stopping.is_set()


def test_who_leaves_early_waits_for_nobody_and_asks_nobody_any_more() -> None:
    stopping, second, left, answered = Flag(), Flag(), Flag(), Flag()
    asked: list[str] = []

    def ask(access: InstanceAccess) -> str:
        asked.append(access.token.reveal())
        if asked[-1] == "b":
            second.set()
            left.wait(10)
            answered.set()
        return asked[-1]

    told = ask_all(INSTANCES, ask, concurrency=1, stopping=stopping)
    assert next(iter(told)) == ("a", "a")
    assert second.wait(10)

    told.close()  # type: ignore[attr-defined]

    assert stopping.is_set()
    assert not answered.is_set()
    left.set()
    for thread in threading.enumerate():
        if thread.name.startswith("ask"):
            thread.join(10)
    assert asked == ["a", "b"]
