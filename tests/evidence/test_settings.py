"""What settings that were told prove: a difference only where something else is said."""

from datetime import UTC, datetime, timedelta

import pytest

from reconciler.differences import Difference
from reconciler.evidence.settings import (
    LiveSettings,
    Wanted,
    compare,
    confirmed,
    differing,
    doubted,
    for_creation,
    records_of,
    sent_as,
    settable,
    unwanted,
)
from reconciler.model import Kept, Lifecycle, Scalar, SettingsUpdate
from reconciler.plan import Changed, Drifted, Keep, Update, diff
from reconciler.secrets import MASK, Secret, Unset
from reconciler.state.digest import digest
from tests.values import desired, recorded, state

AT = datetime(2026, 11, 22, 10, 6, tzinfo=UTC)
FLAG, DELAY, URL = "incomingWebhook", "delaySendMessagesMilliseconds", "webhookUrl"
TOKEN = "webhookUrlToken"


@pytest.mark.parametrize(
    ("name", "wanted", "live"),
    [
        (FLAG, "yes", "yes"),
        (FLAG, "yes", "Yes"),
        (FLAG, "yes", True),
        (FLAG, True, "yes"),
        (FLAG, "no", False),
        (DELAY, 500, 500),
        (DELAY, 500, "500"),
        (URL, "https://a", "https://a"),
        (URL, "", ""),
        (URL, None, ""),
        (FLAG, None, "no"),
        (TOKEN, Secret("hush"), Secret("hush")),
        (TOKEN, digest("line", TOKEN, "hush"), Secret("hush")),
        (DELAY, digest("line", DELAY, 500), "500"),
    ],
)
def test_the_same_written_otherwise_is_no_difference(
    name: str, wanted: Kept | Secret | None, live: Scalar | Secret
) -> None:
    assert compare({name: wanted}, {name: live}, "line").agrees


@pytest.mark.parametrize(
    ("name", "wanted", "live", "expected"),
    [
        (FLAG, "yes", "no", Difference(FLAG, "no", "yes", secret=False)),
        (DELAY, 500, "5000", Difference(DELAY, "5000", 500, secret=False)),
        (URL, "https://a", "", Difference(URL, "", "https://a", secret=False)),
        (URL, None, "https://a", Difference(URL, "https://a", None, secret=False)),
        (TOKEN, Secret("0123"), Secret("123"), Difference(TOKEN, MASK, MASK, secret=True)),
        (TOKEN, Secret("hush"), "", Difference(TOKEN, None, MASK, secret=True)),
        (URL, Secret("https://a?t=x"), "b", Difference(URL, MASK, MASK, secret=True)),
        (
            URL,
            "https://a",
            "https://u:pw@b/?token=hush",
            Difference(URL, f"https://{MASK}@b/?{MASK}", "https://a", secret=False),
        ),
    ],
)
def test_what_is_said_otherwise_is_a_difference_without_a_secret_in_it(
    name: str, wanted: Kept | Secret | None, live: Scalar | Secret, expected: Difference
) -> None:
    assert compare({name: wanted}, {name: live}, "line").differences == (expected,)


def test_a_key_that_the_answer_lacks_is_unknown_and_not_no() -> None:
    wanted: Wanted = {
        FLAG: "yes",
        DELAY: 5,
        TOKEN: Unset("WEBHOOK_TOKEN is not set"),
        "stateWebhook": None,
    }

    seen = compare(wanted, {TOKEN: Secret("x")}, "line")

    assert seen.differences == ()
    assert seen.unknown == wanted.keys()


def test_a_url_that_the_answer_lacks_is_an_empty_one() -> None:
    assert compare({URL: "", TOKEN: None}, {}, "line").agrees


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, {FLAG}), (299, {FLAG}), (301, set())], ids=str
)
def test_an_old_value_is_doubted_for_five_minutes_after_a_set_of_ours_and_only_its_keys(
    seconds: int, expected: set[str]
) -> None:
    update = SettingsUpdate({FLAG: "yes"}, "2026-11-22T10:06:00Z", "authorized", confirmed=True)
    record = recorded(1, "a")._replace(update=update)
    at = AT + timedelta(seconds=seconds)

    assert doubted(record, at) == expected
    live = LiveSettings(at, {1: {FLAG: "no", DELAY: 1}})
    wanted = desired("a", incomingWebhook="yes", delaySendMessagesMilliseconds=2)
    held = recorded(1, "a", incomingWebhook="yes", delaySendMessagesMilliseconds=2)
    found = differing(wanted, held._replace(update=update), "line", live)
    assert {each.parameter for each in found} == {DELAY, *({FLAG} - expected)}


@pytest.mark.parametrize(
    ("held", "told", "update", "expected"),
    [
        pytest.param("yes", "yes", False, Keep, id="all agree"),
        pytest.param("yes", "no", False, Drifted, id="the instance drifted"),
        pytest.param("yes", "no", True, Update, id="the instance drifted, and is to be set"),
        pytest.param("no", "no", False, Changed, id="the entry changed"),
        pytest.param("no", "no", True, Update, id="the entry changed, and is to be set"),
        pytest.param("no", "yes", True, Keep, id="the entry changed, and somebody set it"),
        pytest.param("no", None, True, Update, id="no information: the record counts"),
        pytest.param("yes", None, True, Keep, id="no information is no drift"),
    ],
)
def test_the_instance_counts_and_the_record_where_it_tells_nothing(
    held: str, told: str | None, update: bool, expected: type
) -> None:
    live = LiveSettings(AT, {} if told is None else {1: {FLAG: told}}, {1: "401"})
    entries, known = [desired("a", **{FLAG: "yes"})], state({"a": recorded(1, "a", **{FLAG: held})})

    plan = diff(entries, known, live=live, update=update)

    assert [type(action) for action in plan.actions] == [expected]
    assert plan == diff(entries, known, live=live, update=update)
    assert plan.unread == (("a", "401"),)


def test_what_left_an_entry_is_set_back_only_where_it_says_so_and_something_can() -> None:
    kept = desired("a", **{FLAG: "yes"})
    reset = kept._replace(lifecycle=Lifecycle(reset=True))
    record = recorded(
        1, "a", incomingWebhook="yes", webhookUrl="https://a", delaySendMessagesMilliseconds=500
    )
    found = differing(kept, record, "line", None)

    assert {each.parameter for each in found} == {URL, DELAY}
    assert settable(kept, found) == ()
    assert [each.parameter for each in settable(reset, found)] == [URL]
    assert sent_as({URL: None, FLAG: None, DELAY: 5}) == {URL: "", FLAG: "no", DELAY: 5}


def test_what_the_api_takes_only_later_is_left_out_of_a_create() -> None:
    entry = desired("a", **{FLAG: "yes", "linkPreview": "yes"})

    assert for_creation(entry).parameters == {FLAG: "yes"}
    assert for_creation(desired("a")) == desired("a")


def test_what_may_be_an_old_value_leaves_the_word_to_the_record() -> None:
    update = SettingsUpdate({FLAG: "yes"}, "2026-11-22T10:06:00Z", "authorized", confirmed=True)
    held = recorded(1, "a", **{FLAG: "yes"})._replace(update=update)

    found = differing(
        desired("a", **{FLAG: "no"}), held, "line", LiveSettings(AT, {1: {FLAG: "x"}})
    )

    assert found == (Difference(FLAG, "yes", "no", secret=False),)


def test_what_left_an_entry_is_asked_of_the_instance_where_it_is_to_be_set_back() -> None:
    kept = desired("a", incomingWebhook="yes", delaySendMessagesMilliseconds=2)
    reset = kept._replace(lifecycle=Lifecycle(reset=True))
    held = recorded(
        1, "a", incomingWebhook="yes", delaySendMessagesMilliseconds=1, webhookUrl="https://a"
    )
    live = LiveSettings(AT, {1: {FLAG: "yes", DELAY: 1, URL: "https://b"}})

    changed = Difference(DELAY, 1, 2, secret=False)
    assert differing(kept, held, "line", live) == (
        changed,
        Difference(URL, "https://a", None, secret=False),
    )
    assert differing(reset, held, "line", live) == (
        changed,
        Difference(URL, "https://b", None, secret=False),
    )


def test_a_record_is_of_the_entry_that_has_its_key_or_had_it_before() -> None:
    dead = recorded(9, "dead")._replace(deleted=True)
    instances = {key: recorded(number, key) for number, key in enumerate(["a", "old", "left"])}
    renamed = desired("new")._replace(lifecycle=Lifecycle("old"))
    entries = [desired("a"), renamed, desired("dead"), desired("not there yet")]

    known = {**instances, "dead": dead, "left and dead": dead}

    assert records_of(entries, known) == {key: instances[key] for key in ("a", "old")}
    assert unwanted(entries, known) == {"left": instances["left"]}


@pytest.mark.parametrize(
    ("told", "update", "expected"),
    [
        pytest.param({FLAG: "yes", DELAY: 1}, None, {FLAG: "yes"}, id="somebody set it"),
        pytest.param({FLAG: "yes"}, True, {FLAG: "yes"}, id="after an update that is over"),
        pytest.param({FLAG: "yes"}, False, {}, id="while an update is not confirmed"),
        pytest.param({DELAY: 2}, None, {DELAY: 2}, id="another parameter"),
        pytest.param(None, None, {}, id="it tells nothing"),
    ],
)
def test_what_an_instance_has_already_is_taken_over(
    told: dict[str, Scalar] | None, update: bool | None, expected: dict[str, Kept]
) -> None:
    set_before = SettingsUpdate({FLAG: "no"}, "2026-11-22T10:06:00Z", "", confirmed=bool(update))
    held = recorded(1, "a", incomingWebhook="no", delaySendMessagesMilliseconds=1)
    held = held._replace(update=None if update is None else set_before)
    live = LiveSettings(AT, {} if told is None else {1: told})

    assert (
        confirmed(
            desired("a", incomingWebhook="yes", delaySendMessagesMilliseconds=2), held, "line", live
        )
        == expected
    )


def test_what_has_no_value_to_send_is_not_sent() -> None:
    assert sent_as({TOKEN: digest("line", TOKEN, "hush"), DELAY: None, FLAG: "yes"}) == {
        FLAG: "yes"
    }


def test_what_instances_told_is_in_no_log() -> None:
    assert "hush" not in repr(LiveSettings(AT, {1: {URL: "https://a?token=hush"}}))
