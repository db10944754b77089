"""The one switch that ends launching."""

from threading import Thread

from reconciler.apply.stop import Stop


def test_it_is_off_at_first() -> None:
    stop = Stop()

    assert not stop
    assert (stop.reason, stop.signal) == (None, None)
    assert not stop.wait(0)


def test_the_first_reason_counts() -> None:
    stop = Stop()
    stop.request("one")
    stop.request("two")

    assert stop
    assert stop.reason == "one"
    assert not stop.interrupted.is_set()


def test_a_signal_beats_other_reasons_and_ends_waiting_too() -> None:
    stop = Stop()
    stop.request("one")
    stop.request("stopped by SIGINT", signal=2)
    stop.request("stopped by SIGTERM", signal=15)

    assert (stop.reason, stop.signal) == ("stopped by SIGINT", 2)
    assert stop.interrupted.is_set()


def test_it_wakes_who_waits() -> None:
    stop, woken = Stop(), list[bool]()
    waiting = Thread(target=lambda: woken.append(stop.wait(60)))
    waiting.start()

    stop.request("enough")
    waiting.join(10)

    assert woken == [True]
