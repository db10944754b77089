"""What a manifest says for the instances of an account: keys, values, what is said once."""

from typing import Any

import pytest

from reconciler.manifest.rules import load_rules
from reconciler.model import Account, Instance, Origin, Recorded, Tombstone
from reconciler.secrets import Secret
from reconciler.state.model import State
from reconciler.takeover import Reference, TakeOver, candidates, take_over

RULES = load_rules()
EMPTY = State("lineage")
HUSH = Secret("hush-hush-hush-hush")


def row(number: int, name: str, **more: Any) -> Instance:
    at = f"2026-11-{number:02}T00:00:00"
    return Instance(number, name, None, "whatsapp", at, deleted=False, **more)


def made(*names: str, told: dict[str, Any] | None = None, state: State = EMPTY) -> TakeOver:
    rows = [row(number, name) for number, name in enumerate(names, start=1)]
    settings = {"incomingWebhook": "yes"} if told is None else told
    return take_over(rows, dict.fromkeys(range(1, 9), settings), state=state, rules=RULES)


def recorded(number: int) -> Recorded:
    return Recorded(number, None, None, "a", {}, "2026-11-01T00:00:00Z", Origin.CREATED)


@pytest.mark.parametrize(
    ("name", "key", "written", "label"),
    [
        ("support-eu", "support-eu", None, False),
        ("Support EU", "Support-EU", "Support EU", False),
        ("", "instance-1", None, True),
        ("日本", "instance-1", "日本", False),
        ("${env:X}", "env-X", None, True),
        ("5$ a day", "5-a-day", None, True),
        ("two\nlines", "two-lines", None, True),
        ("a" * 80, "a" * 62, "a" * 80, False),
    ],
    ids=["a key", "blanks", "none", "no letter", "a reference", "a dollar", "lines", "long"],
)
def test_a_key_is_what_can_be_one_of_the_name(
    name: str, key: str, written: str | None, label: bool
) -> None:
    [entry] = made(name).entries

    assert (entry.key, entry.name, entry.label) == (key, written, label)


def test_of_equal_names_the_oldest_keeps_its_own() -> None:
    entries = made("a", "a", "A").entries

    assert [entry.key for entry in entries] == ["a", "a-2", "A"]
    assert [entry.label for entry in entries] == [False, True, False]


def test_no_name_is_written_that_another_entry_has() -> None:
    twice, like_a_key = made("日本", "日本").entries, made("${env:X}", "env-X").entries

    assert [(entry.name, entry.label) for entry in twice] == [("日本", False), (None, True)]
    assert [(entry.key, entry.name) for entry in like_a_key] == [("env-X", None), ("env-X-2", None)]


def test_a_long_name_that_is_taken_still_makes_a_key() -> None:
    state = State(
        "lineage", instances={f"{'a' * 61}-2": recorded(9)}
    )  # just the one for the second

    keys = [entry.key for entry in made("a" * 80, "a" * 80, "a" * 80, state=state).entries]

    assert len({*keys, *state.instances}) == 4
    assert all(map(RULES.is_key, keys))


def test_a_record_keeps_its_key() -> None:
    state = State("lineage", instances={"kept": recorded(2), "a": recorded(9)})

    assert [entry.key for entry in made("a", "a", state=state).entries] == ["a-1", "kept"]


@pytest.mark.parametrize(
    ("told", "values"),
    [
        ({"incomingWebhook": True, "stateWebhook": "No"}, {"incomingWebhook": "yes"}),
        ({"autoTyping": "3"}, {"autoTyping": 3}),
        ({"autoTyping": 0, "stateWebhook": "no"}, {"stateWebhook": "no"}),
        (
            {"linkPreview": "yes", "stateWebhook": "no"},
            {"linkPreview": "yes", "stateWebhook": "no"},
        ),
        ({"delaySendMessagesMilliseconds": 500}, {"delaySendMessagesMilliseconds": 500}),
        ({"delaySendMessagesMilliseconds": 1, "stateWebhook": "yes"}, {"stateWebhook": "yes"}),
        ({"webhookUrl": "", "stateWebhook": "yes", "wid": "1@c.us"}, {"stateWebhook": "yes"}),
    ],
    ids=["odd yes", "digits", "all off", "later only", "no default", "out of range", "unknown"],
)
def test_an_entry_says_what_differs_from_the_defaults(
    told: dict[str, Any], values: dict[str, Any]
) -> None:
    [entry] = made("a", told=told).entries

    assert entry.values == values


@pytest.mark.parametrize(
    "url", ["https://h.example/?key=x", "https://u:p@h.example/", "https://h.example/#x"]
)
def test_a_url_with_room_for_a_secret_is_a_reference(url: str) -> None:
    [entry] = made("a", told={"webhookUrl": url}).entries

    assert entry.values == {"webhookUrl": Reference("WEBHOOK_URL", Secret(url))}


def test_each_secret_has_a_variable_of_its_own() -> None:
    told = {
        1: {"webhookUrlToken": HUSH},
        2: {"webhookUrlToken": Secret("another-one-of-them")},
        3: {"webhookUrlToken": HUSH},
    }

    over = take_over([row(n, f"i{n}") for n in told], told, state=EMPTY, rules=RULES)

    keys = {variable: keys for variable, (_, keys) in over.references.items()}
    assert keys == {"WEBHOOK_URL_TOKEN": ("i1", "i3"), "WEBHOOK_URL_TOKEN_2": ("i2",)}


def test_what_most_have_in_common_is_said_once_and_taken_away_elsewhere() -> None:
    both = {"stateWebhook": "yes", "webhookUrl": "https://h.example/"}
    told: dict[int, Any] = {1: both, 2: both, 3: {"stateWebhook": "no", "autoTyping": 1}}

    over = take_over([row(n, f"i{n}") for n in told], told, state=EMPTY, rules=RULES)

    assert over.defaults == both
    assert [entry.values for entry in over.entries] == [
        {},
        {},
        {"autoTyping": 1, "webhookUrl": None, "stateWebhook": "no"},
    ]
    assert over.desired(over.entries[2]).parameters == {"autoTyping": 1, "stateWebhook": "no"}


def test_what_both_of_two_have_is_said_once_and_what_no_parameter_is_for_is_told() -> None:
    over = made("a", "The other", told={"stateWebhook": "yes", "wid": "1@c.us"})

    assert (over.defaults, [entry.values for entry in over.entries]) == (
        {"stateWebhook": "yes"},
        [{}, {}],
    )
    assert over.ignored == ("wid",)
    assert [over.desired(entry).name for entry in over.entries] == ["a", "The other"]


def test_rows_that_are_nobodys_to_manage_are_told_apart() -> None:
    account = Account(
        (
            row(4, "d"),
            row(1, "a", is_free=True),
            row(2, "b", is_expired=True),
            row(3, "c"),
        )
    )
    state = State("lineage", tombstones={3: Tombstone("c", "c", "2026-11-20T00:00:00Z")})

    taken, left_out = candidates(account, state)

    assert [each.id_instance for each in taken] == [4]
    assert [each.instance.id_instance for each in left_out] == [1, 2, 3]
    assert not any(each.failed for each in left_out)
