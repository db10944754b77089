"""The account is read again while a run launches, and before what was throttled is sent again."""

from dataclasses import dataclass
from threading import Event, Thread

from reconciler.apply.launch import TRIES
from reconciler.apply.ports import Options
from reconciler.apply.server_clock import ServerClock
from reconciler.apply.settle import Settler
from reconciler.apply.watch import AccountWatch
from reconciler.errors import AccountUnreadable
from reconciler.model import (
    Account,
    Attempt,
    Created,
    Desired,
    Moment,
    NotSent,
    Recovered,
    Throttled,
)
from reconciler.model import Unknown as Lost
from reconciler.state.model import ExposureEnded
from tests.apply.parts import House, MemoryStore, ScriptedPartner, created, fates
from tests.values import account, desired, listed

A, B, C = desired("a"), desired("b"), desired("c")
NOBODY = account()
UNREADABLE = AccountUnreadable("getInstances can't be read: 503")


@dataclass
class SlowPartner(ScriptedPartner):
    """Answers each create 20 seconds later."""

    of: House | None = None

    def create(self, desired: Desired) -> Attempt:
        assert self.of is not None
        self.of.time.passed += 20
        return super().create(desired)


def slow(*accounts: Account | AccountUnreadable) -> House:
    partner = SlowPartner(accounts=accounts)
    partner.of = House(partner, MemoryStore(), Options(concurrency=1, settle=0))
    return partner.of


def test_what_turned_up_while_a_run_launches_is_not_created() -> None:
    of = slow(NOBODY, account(listed(7, "c")))

    report = of.apply(A, B, C)

    assert fates(report) == {"a": "Created", "b": "Created", "c": "NotSent"}
    assert report.results[2].outcome == NotSent("its name is taken in the account by now: 7")
    assert of.partner.sent == ["a", "b"]


def test_the_account_is_read_every_thirty_seconds_and_not_oftener() -> None:
    of = slow(NOBODY)

    of.apply(*(desired(f"{number}") for number in range(7)))  # one each 20 seconds

    assert of.partner.looks == 1 + 3  # after 40, 80 and 120 seconds


def test_while_one_worker_reads_the_others_go_on() -> None:
    reading, over = Event(), Event()

    class Waiting(ScriptedPartner):
        def account(self, *, tries: int = 5, stopping: Event | None = None) -> Account:
            reading.set()
            assert over.wait(10)
            return account(listed(7, "a"))

    of = House(Waiting())
    settler = Settler(of.store, of.partner, of.options, of.clock, ServerClock(of.clock), of.log)
    watch = AccountWatch(settler, lambda seen: {"a": "taken"}, interval=0, stopping=Event())
    reader = Thread(target=watch.look)

    reader.start()
    assert reading.wait(10)
    meanwhile = watch.taken("a")
    over.set()
    reader.join()

    assert meanwhile is None
    assert watch.taken("a") == "taken"


def test_a_later_reading_that_fails_is_told_and_launching_goes_on() -> None:
    of = slow(NOBODY, UNREADABLE)

    report = of.apply(A, B, C)

    assert set(fates(report).values()) == {"Created"}
    assert "account_unreadable" in of.log.events


def test_a_later_reading_that_may_be_old_still_takes_entries_out() -> None:
    stale = Account((listed(7, "c"),), doubts=("is 300 s old",))
    of = slow(NOBODY, stale)

    report = of.apply(A, B, C)

    assert fates(report)["c"] == "NotSent"
    assert "account_unreadable" in of.log.events


def test_what_turned_up_while_a_person_was_asked_is_not_created() -> None:
    of = House(ScriptedPartner(accounts=(NOBODY, account(listed(7, "b")))), MemoryStore())
    run = of.run(A, B)
    prepared = run.prepare(run.decide(), of.partner)

    report = run.carry_out(prepared, of.partner, of.stop, asked=True)

    assert fates(report) == {"a": "Created", "b": "NotSent"}
    assert report.exit_code == 5


def throttled(*accounts: Account | AccountUnreadable, **answers: list[Attempt]) -> House:
    partner = ScriptedPartner(answers, accounts)
    return House(partner, MemoryStore(), Options(concurrency=1, settle=0))


def test_what_a_listing_shows_not_to_be_there_is_sent_again_after_429() -> None:
    of = throttled(NOBODY, a=[Throttled(None), created(10)])

    report = of.apply(A)

    assert report.results[0].outcome == created(10)
    assert of.partner.sent == ["a", "a"]


def test_one_listing_serves_all_that_were_throttled() -> None:
    of = throttled(NOBODY, a=[Throttled(None), created(10)], b=[Throttled(None), created(11)])

    of.apply(A, B)

    assert of.partner.looks == 2


def test_what_was_created_and_answered_429_is_found_and_not_sent_again() -> None:
    of = throttled(NOBODY, account(listed(7, "a")), a=[Throttled(None)])

    report = of.apply(A)

    assert report.results[0].outcome == Recovered(7, listed(7, "a").token)
    assert of.partner.sent == ["a"]


def test_after_429_nothing_is_sent_again_on_the_strength_of_no_listing() -> None:
    of = throttled(NOBODY, UNREADABLE, a=[Throttled(None)])

    report = of.apply(A, B)

    assert fates(report) == {"a": "Unknown", "b": "Created"}
    assert (report.exit_code, of.partner.sent) == (6, ["a", "b"])


def test_a_429_that_repeats_ends_as_not_sent_where_a_listing_shows_it() -> None:
    of = throttled(NOBODY, a=[Throttled(None)])

    report = of.apply(A)

    assert fates(report) == {"a": "NotSent"}
    assert of.store.state().pending == {}
    assert of.partner.sent == ["a"] * TRIES


def test_an_answer_that_was_lost_is_not_asked_for_by_sending_it_again() -> None:
    of = throttled(NOBODY, a=[Lost("connection reset")])

    report = of.apply(A)

    assert fates(report) == {"a": "Unknown"}
    assert of.partner.sent == ["a"]
    assert not any(isinstance(result.outcome, Created) for result in report.results)


def test_what_is_given_up_is_dated_by_the_servers_clock_too() -> None:
    of = throttled(Account((), date="2026-11-22T12:00:00Z"), a=[Lost("connection reset")])

    of.apply(A)

    [ended] = [each for each in of.store.events if isinstance(each, ExposureEnded)]
    assert ended.moment == Moment("2026-11-22T10:06:00Z", "boot", 0.0, "2026-11-22T12:00:00Z")
