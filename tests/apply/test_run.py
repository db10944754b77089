"""A whole apply: what is looked at, what stops it, what it reports."""

from dataclasses import replace

import pytest

from reconciler.apply.guards import NameConflict
from reconciler.apply.ports import Options
from reconciler.errors import AccountUnreadable, GuardError, ReconcilerError, TokenRefused
from reconciler.model import Account, Lifecycle, NotSent, Refused, Rejected, Unknown
from reconciler.state.model import Addressed, Closed, Intent, Listed, Record, State
from tests.apply.parts import URL, House, MemoryStore, ScriptedPartner, created, fates, kinds
from tests.values import account, desired, listed, pending, recorded, state

LOST = Unknown("connection reset")
A, B = desired("a"), desired("b")
UNREADABLE = AccountUnreadable("the list of instances could not be read")
LEFT = state({}, {"a": pending("a")}, {"run-1": frozenset({7})})


def house(
    held: State | None = None,
    *accounts: Account | ReconcilerError,
    answers: dict[str, list[object]] | None = None,
    **options: object,
) -> House:
    partner = ScriptedPartner(answers or {}, accounts or (account(),))  # type: ignore[arg-type]
    return House(partner, MemoryStore(held), Options(**{"concurrency": 1, **options}))  # type: ignore[arg-type]


def test_what_is_missing_is_created_and_the_second_run_does_nothing() -> None:
    of = house()

    first, second = of.apply(A, B), of.apply(A, B)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert (first.wanted, first.recorded) == (2, 2)
    assert of.partner.sent == ["a", "b"]
    assert (of.partner.looks, second.results) == (1, ())


def test_the_address_and_what_was_there_before_are_recorded_before_the_first_create() -> None:
    of = house(state({"c": recorded(11, "c")}), account(listed(7, "old"), listed(11, "c")))

    of.apply(A)

    assert of.store.events[:2] == [Addressed(URL), Listed("run-2", frozenset({7}))]
    assert kinds(of.store.events[2:]) == ["Intent", "Record", "OrphansReported"]


def test_nothing_is_recorded_until_somebody_agreed() -> None:
    of = house()
    run = of.run(A)

    declined = run.decline(run.prepare(run.decide(), of.partner))

    assert (declined.declined, declined.exit_code) == (True, 0)
    assert (of.store.events, of.partner.sent) == ([], [])


OLD = recorded(11, "c")._replace(created_at="2026-11-22T09:06:00Z")  # an hour old
STOPPED: dict[str, tuple[House, type[ReconcilerError]]] = {
    "the cap": (house(max_creates=1), GuardError),
    "a taken name": (house(None, account(listed(10, "a"))), NameConflict),
    "another account": (house(state({"c": OLD})), GuardError),
    "a refused token": (house(None, TokenRefused("refused")), TokenRefused),
}


@pytest.mark.parametrize(("of", "error"), STOPPED.values(), ids=STOPPED)
def test_a_guard_stops_before_anything_is_sent_or_written(
    of: House, error: type[ReconcilerError]
) -> None:
    with pytest.raises(error):
        of.apply(A, B)

    assert (of.partner.sent, of.store.events) == ([], [])


def test_too_many_creates_are_not_even_asked_about() -> None:
    of = house(max_creates=1)

    with pytest.raises(GuardError):
        of.prepare(A, B)

    assert of.partner.looks == 0


OWN = [replace(row, is_partner=True, is_free=False) for row in map(listed, (10, 11, 12), "abc")]
THREE = state({row.name: recorded(row.id_instance, row.name) for row in OWN})
NO = {"incomingWebhook": "no"}


@pytest.mark.parametrize(
    ("of", "what"),
    [
        (house(THREE, account(*OWN), prune=True, max_deletes=1), "deleted for ever, more than"),
        (house(THREE, account(*OWN), update=True, max_updates=0), "updated, and restarted"),
    ],
    ids=["deletes", "updates"],
)
def test_more_than_the_cap_is_not_even_asked_about(of: House, what: str) -> None:
    with pytest.raises(GuardError, match=what):
        of.prepare(desired("a", **NO))

    assert of.partner.looks == 0


def test_more_deletes_than_a_fifth_of_the_account_are_refused_once_it_is_known() -> None:
    of = house(THREE, account(*OWN), prune=True)

    with pytest.raises(GuardError, match="2 instances would be deleted for ever, of 3"):
        of.prepare(A)

    assert (of.partner.looks, of.store.events) == (1, [])


@pytest.mark.parametrize("look", [True, False], ids=["with a look", "without a look"])
def test_what_the_instances_tell_counts_for_the_cap(look: bool) -> None:
    of = house(THREE, account(*OWN), update=True, live=True, max_updates=1, remote_check=look)
    of.partner.tells = dict.fromkeys((10, 11, 12), NO)

    with pytest.raises(GuardError, match="3 instances would be updated, and restarted"):
        of.prepare(*(desired(key) for key in "abc"))

    assert sorted(of.partner.asked) == [10, 11, 12]


def test_what_is_adopted_does_not_count_for_the_cap() -> None:
    of = house(None, account(listed(10, "a")), adopt=True, max_creates=1)

    assert fates(of.apply(A, B)) == {"a": "Adopted", "b": "Created"}


def test_what_adopting_leaves_over_counts_for_the_cap() -> None:
    of = house(None, account(listed(10, "a")), adopt=True, max_creates=0)

    with pytest.raises(GuardError, match=r"1 instances? would be created"):
        of.prepare(A, B)


def test_what_settling_frees_counts_for_the_cap() -> None:
    of = house(LEFT, account(listed(7, "old")), max_creates=1)
    of.time.passed = 601

    with pytest.raises(GuardError, match="2 instances would be created"):
        of.prepare(A, B)


def test_an_account_that_can_not_be_read_creates_nothing() -> None:
    of = house(LEFT, UNREADABLE)

    report = of.apply(A, B)

    assert fates(report) == {"b": "NotSent", "a": "Unknown"}
    assert (report.exit_code, of.partner.sent) == (6, [])
    assert [event for event in of.log.told if event[0] != "plan_computed"] == [
        ("account_unreadable", {"reason": UNREADABLE.message}),
        ("create_not_sent", {"key": "b", "name": "b", "reason": UNREADABLE.message}),
    ]


def test_what_an_earlier_run_left_open_is_settled_first() -> None:
    of = house(LEFT, account(listed(7, "old"), listed(10, "a")))

    report = of.apply(A, B)

    assert fates(report) == {"a": "Recovered", "b": "Created"}
    assert report.exit_code == 0
    assert of.partner.sent == ["b"]


def test_what_was_not_created_is_created_in_the_same_run() -> None:
    of = house(LEFT, account(listed(7, "old")))
    of.time.passed = 601

    report = of.apply(A)

    assert fates(report) == {"a": "Created"}
    assert [type(event) for event in of.store.events] == [Closed, Addressed, Listed, Intent, Record]


def test_what_is_too_young_to_settle_is_not_sent_again() -> None:
    of = house(LEFT, account(listed(7, "old")), settle=5)

    report = of.apply(A, B)

    assert fates(report) == {"a": "Unknown", "b": "Created"}
    assert (report.exit_code, of.partner.sent) == (6, ["b"])


def test_a_lost_answer_is_recovered_in_the_same_run() -> None:
    of = house(None, account(), account(), account(listed(10, "a")), answers={"a": [LOST]})

    report = of.apply(A)

    assert fates(report) == {"a": "Recovered"}
    assert of.partner.sent == ["a"]


def test_a_lost_answer_that_stays_lost_says_both_halves() -> None:
    of = house(None, account(), answers={"a": [LOST]}, settle=0)

    [result] = of.apply(A).results

    assert isinstance(result.outcome, Unknown)
    assert result.outcome.reason == "connection reset; the account does not list it (yet)"


def test_a_token_that_the_answer_left_out_is_fetched() -> None:
    of = house(
        None,
        account(),
        account(listed(10, "a")),
        answers={"a": [created(10, token=False)]},
    )

    report = of.apply(A)

    assert of.store.state().instances["a"].token == listed(10, "a").token
    assert fates(report) == {"a": "Created"}
    assert getattr(report.results[0].outcome, "token", None) is not None


def test_missing_tokens_of_earlier_runs_are_fetched_though_nothing_is_to_be_created() -> None:
    bare = recorded(10, "a")._replace(token=None)
    of = house(state({"a": bare}), account(listed(10, "a")))

    assert of.apply(A).exit_code == 0
    assert of.store.state().instances["a"].token == listed(10, "a").token


def test_a_token_refused_while_asking_keeps_what_was_found() -> None:
    of = house(
        None,
        account(),
        account(listed(10, "a")),
        TokenRefused("refused"),
        answers={"a": [LOST], "b": [LOST]},
    )

    report = of.apply(A, B)

    assert fates(report) == {"a": "Recovered", "b": "Unknown"}
    assert (report.token_refused, report.exit_code) == (True, 10)


def test_after_a_refused_create_the_account_is_not_asked_again() -> None:
    of = house(answers={"a": [LOST], "b": [Refused(401, "Unauthorized")]})

    report = of.apply(A, B)

    assert report.exit_code == 10
    assert of.partner.looks == 1
    assert fates(report) == {"a": "Unknown", "b": "Rejected"}


def test_after_a_signal_the_account_is_not_asked() -> None:
    of = house()
    run = of.run(A)
    prepared = run.prepare(run.decide(), of.partner)
    of.stop.request("stopped by SIGTERM", signal=15)

    report = run.carry_out(prepared, of.partner, of.stop)

    assert (report.exit_code, report.stopped) == (143, "stopped by SIGTERM")
    assert fates(report) == {"a": "NotSent"}
    assert of.partner.looks == 1


def test_one_refused_entry_does_not_stop_the_others() -> None:
    of = house(answers={"a": [Rejected(400, "bad")]})

    report = of.apply(A, B)

    assert fates(report) == {"a": "Rejected", "b": "Created"}
    assert report.exit_code == 5


def test_results_come_in_the_order_of_the_manifest() -> None:
    entries = [desired(key) for key in "zyxwv"]
    of = house(concurrency=5, rate=0)

    assert [result.key for result in of.apply(*entries).results] == list("zyxwv")


def test_with_adopt_a_taken_name_is_recorded_and_the_rest_is_created() -> None:
    of = house(None, account(listed(10, "a")), adopt=True)

    report = of.apply(A, B)

    assert fates(report) == {"a": "Adopted", "b": "Created"}
    assert of.partner.sent == ["b"]


def test_what_is_adopted_first_leaves_the_address_in_the_state() -> None:
    of = house(None, account(listed(10, "a")), adopt=True)

    of.apply(A)

    assert kinds(of.store.events) == ["Record", "Addressed"]


def test_adopt_does_not_choose_between_two() -> None:
    of = house(None, account(listed(10, "a"), listed(11, "a")), adopt=True)

    with pytest.raises(NameConflict):
        of.apply(A)


def test_only_what_is_selected_is_created() -> None:
    entries = [desired(key) for key in ("eu-1", "eu-2", "us-1")]
    of = house(only=["eu-*"], exclude=["eu-2"])

    of.apply(*entries)

    assert of.partner.sent == ["eu-1"]


# --- without a look at the account -----------------------------------------------------------


def test_without_a_look_creates_name_no_snapshot() -> None:
    of = house(remote_check=False)

    of.apply(A)

    assert of.partner.looks == 0
    assert [type(event) for event in of.store.events] == [Addressed, Intent, Record]


def test_without_a_look_another_address_is_refused() -> None:
    of = house(State("line", api_url="https://other.example.com"), remote_check=False)

    with pytest.raises(GuardError, match=r"belongs to https://other\.example\.com"):
        of.apply(A)


def test_without_a_look_a_lost_answer_is_never_proven() -> None:
    of = house(None, account(listed(10, "a")), answers={"a": [LOST]}, remote_check=False, settle=0)

    [result] = of.apply(A).results

    assert isinstance(result.outcome, Unknown)
    assert result.outcome.candidates == (listed(10, "a"),)


def test_without_a_look_a_name_that_an_unresolved_create_holds_is_a_conflict() -> None:
    of = house(LEFT, remote_check=False)

    with pytest.raises(NameConflict):
        of.apply(desired("b", name="a"))


# --- an account that has moved to another address ---------------------------------------------

ELSEWHERE = State("line", 1, "https://other.example.com", {"a": recorded(10, "a")})


def test_an_account_that_moved_is_known_by_what_it_lists() -> None:
    of = house(ELSEWHERE, account(listed(10, "a")), accept_url=True)

    of.apply(A)

    assert of.store.events == [Addressed(URL)]


def test_an_account_that_lists_nothing_of_the_state_is_not_the_one_that_moved() -> None:
    of = house(ELSEWHERE, account(listed(77, "x")), accept_url=True)

    with pytest.raises(GuardError, match="looks like another partner's"):
        of.apply(A, B)

    assert (of.partner.sent, of.store.events) == ([], [])


def test_what_is_deleted_first_leaves_the_address_in_the_state() -> None:
    rows = [replace(listed(n, f"i{n}"), is_partner=True, token=None) for n in range(10, 16)]
    held = {row.name: recorded(row.id_instance, row.name)._replace(token=None) for row in rows}
    seen = account(*rows)
    after = account(*rows[1:])
    of = house(state(held), seen, seen, after, prune=True, even_unlinkable=True)

    report = of.apply(*(desired(row.name) for row in rows[1:]))

    assert (of.partner.deleted, fates(report)) == ([10], {"i10": "Deleted"})
    assert Addressed(URL) in of.store.events


@pytest.mark.parametrize(("update", "expected"), [(True, "yes"), (False, None)])
def test_what_a_create_does_not_take_is_set_on_the_new_instance_where_updates_are_asked_for(
    update: bool, expected: str | None
) -> None:
    of = house(update=update)
    of.partner.tells[1000] = {"incomingWebhook": "yes", "linkPreview": "no"}
    entry = desired("a", incomingWebhook="yes", linkPreview="yes")

    report = of.apply(entry, B)

    held = of.store.state().instances
    assert held["a"].parameters.get("linkPreview") == expected
    assert of.partner.tells[1000]["linkPreview"] == (expected or "no")
    assert [type(each.outcome).__name__ for each in report.results].count("Updated") == update


def test_what_was_not_reached_says_why() -> None:
    of = house(answers={"a": [Refused(401, "Unauthorized")]})

    report = of.apply(A, B)

    assert report.results[1].outcome == NotSent("the partner API refused the token")
    assert report.stopped == "the partner API refused the token"


def test_a_record_is_moved_where_nothing_else_is_to_do_without_a_look() -> None:
    of = house(state({"old": recorded(10, "old")}))

    report = of.apply(desired("new")._replace(lifecycle=Lifecycle("old")))

    assert fates(report) == {"new": "Renamed"}
    assert (list(of.store.state().instances), of.partner.looks) == (["new"], 0)


def test_a_record_is_moved_only_once_somebody_agreed() -> None:
    of = house(state({"old": recorded(10, "old")}), account(listed(10, "old")))
    run = of.run(A, desired("new")._replace(lifecycle=Lifecycle("old")))

    run.decline(run.prepare(run.decide(), of.partner))

    assert list(of.store.state().instances) == ["old"]


def test_an_announcement_that_moves_is_settled_under_its_new_key() -> None:
    of = house(LEFT, account(listed(7, "old"), listed(10, "a")))

    report = of.apply(desired("new")._replace(lifecycle=Lifecycle("a")))

    assert [(result.key, type(result.outcome).__name__) for result in report.results] == [
        ("new", "Renamed"),
        ("new", "Recovered"),
    ]
    assert of.store.state().instances["new"].id_instance == 10


def test_the_state_remembers_what_an_entry_protects() -> None:
    of = house(state({"old": recorded(10, "old")}), account(listed(10, "old")))
    kept = [desired(key)._replace(lifecycle=Lifecycle(protected=True)) for key in ("old", "a")]

    of.apply(*kept)
    held = [each.protected for each in of.store.state().instances.values()]
    of.apply(*kept[:1])
    of.apply(A)

    assert held == [True, True]
    assert not of.store.state().instances["a"].protected  # its entry takes the word back
    assert of.store.state().instances["old"].protected  # whose entry left the manifest
