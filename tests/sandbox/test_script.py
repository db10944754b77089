"""What a fault script may say, and what it is told when it says something else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox.faults import (
    Close,
    Hang,
    Huge,
    Match,
    On,
    Redirect,
    Reply,
    Reshaped,
    Rule,
    Shape,
    Twist,
    Usual,
)
from reconciler.sandbox.script import (
    ACTIONS,
    MATCH_FIELDS,
    TIMING_FIELDS,
    TWIST_FIELDS,
    ScriptError,
    read_script,
)


def _often(**how: Any) -> Match:
    return Match(On.CREATE, times=None, **how)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"on": "create", "do": "close"}, Rule(Match(On.CREATE), Close())),
        ({"on": "any", "do": "close", "times": "always"}, Rule(Match(On.ANY, times=None), Close())),
        ({"on": "create", "do": "close", "every": 3}, Rule(_often(every=3), Close())),
        (
            {"on": "create", "do": "close", "probability": 0.5},
            Rule(_often(probability=0.5), Close()),
        ),
        (
            {"on": "create", "do": "close", "every": 3, "times": 1},
            Rule(Match(On.CREATE, every=3), Close()),
        ),
        (
            {"on": "delete", "name": "a*", "nth": 2, "perName": True, "do": "close"},
            Rule(Match(On.DELETE, name="a*", nth=2, per_name=True), Close()),
        ),
        ({"on": "create", "do": "hang"}, Rule(Match(On.CREATE), Hang(None))),
        ({"on": "create", "do": "hang", "seconds": 2}, Rule(Match(On.CREATE), Hang(2))),
        ({"on": "create", "seconds": 2}, Rule(Match(On.CREATE), Usual(), delay=2.0)),
        ({"on": "create", "do": "huge"}, Rule(Match(On.CREATE), Huge(64))),
        ({"on": "list", "do": "no-token"}, Rule(Match(On.LIST), Reshaped(Shape.NO_TOKEN))),
        ({"on": "list", "do": "close"}, Rule(Match(On.LIST), Close(), before=True)),
        ({"on": "create", "do": "redirect"}, Rule(Match(On.CREATE), Redirect(307, None))),
        ({"on": "create", "do": "null"}, Rule(Match(On.CREATE), Reply(200, b"null"))),
        ({"on": "create", "do": None}, Rule(Match(On.CREATE), Reply(200, b"null"))),
        (
            {"on": "create", "do": "status", "status": 429, "retryAfter": 3},
            Rule(Match(On.CREATE), Reply(429, b"", retry_after="3"), before=True),
        ),
        (
            {"on": "create", "lag": 2, "cutName": 3, "twin": True},
            Rule(Match(On.CREATE), Usual(), twist=Twist(lag=2, cut_name=3, twin=True)),
        ),
        (
            {"on": "create", "do": "close", "lagSeconds": 1, "newName": "x", "trimName": True},
            Rule(
                Match(On.CREATE), Close(), twist=Twist(lag_seconds=1, new_name="x", trim_name=True)
            ),
        ),
    ],
    ids=repr,
)
def test_a_rule_is_read(said: dict[str, Any], rule: Rule) -> None:
    assert read_script([said]) == (rule,)


@pytest.mark.parametrize(
    ("said", "before"),
    [
        ({"do": "close"}, False),
        ({"do": "status", "status": 400}, True),
        ({"do": "status", "status": 429}, True),
        ({"do": "status", "status": 499}, False),
        ({"do": "status", "status": 500}, False),
        ({"do": "status", "status": 500, "when": "before"}, True),
        ({"do": "status", "status": 429, "when": "after"}, False),
        ({"do": "code", "code": 100}, True),
        ({"do": "code", "code": 200}, False),
        ({"do": "code", "code": 401}, True),
        ({"do": "code", "code": 502}, False),
        ({"do": "refuse"}, True),
        ({"do": "garbage"}, False),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_a_fault_strikes_after_creating_unless_it_says_that_nothing_was_done(
    said: dict[str, Any], before: bool
) -> None:
    [rule] = read_script([{"on": "create", **said}])

    assert rule.before is before


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("close", 'a rule is an object, such as {"on": "create", "do": "close"}'),
        ({"do": "close"}, "on is missing"),
        ({"on": "create"}, "do is missing"),
        ({"on": "create", "do": "explode"}, "do: 'explode' is not one of usual, close, reset,"),
        ({"on": "create", "do": ["close"]}, "do: ['close'] is not one of"),
        ({"on": "burn", "do": "close"}, "on: 'burn' is not one of create, list, delete, state,"),
        ({"on": ["create"], "do": "close"}, "on: ['create'] is not one of"),
        ({"on": "create", "do": "status"}, "status is missing"),
        ({"on": "create", "do": "code"}, "code is missing"),
        ({"on": "create", "do": "status", "status": 42}, "status: 42 is not an HTTP status"),
        ({"on": "create", "do": "redirect", "status": 200}, "status: 200 is not a status from 301"),
        (
            {"on": "create", "do": "close", "status": 500},
            "'status' is no field of a rule that does",
        ),
        (
            {"on": "create", "do": "close", "nht": 2},
            "'nht' is no field of a rule that does 'close'",
        ),
        ({"on": "create", "do": "close", "nth": 0}, "nth: 0 is not a whole number from 1"),
        ({"on": "create", "do": "close", "nth": True}, "nth: True is not a whole number from 1"),
        (
            {"on": "create", "do": "close", "times": -1},
            'times: -1 is not a whole number from 1, or "',
        ),
        (
            {"on": "create", "do": "close", "probability": 2},
            "probability: 2 is not a number from 0",
        ),
        ({"on": "create", "do": "hang", "seconds": -1}, "seconds: -1 is not a number of seconds"),
        ({"on": "create", "seconds": float("inf")}, "seconds: inf is not a number of seconds"),
        ({"on": "create", "do": "close", "when": "later"}, "when: 'later' is not \"before\" or"),
        ({"on": "create", "do": "cut", "when": "before"}, "do cut shows what was done: when after"),
        ({"on": "list", "do": "close", "when": "after"}, "when: list changes nothing"),
        ({"on": "list", "do": "close", "name": "a"}, "name: a listing has none"),
        ({"on": "list", "lag": 2}, "lag needs an instance: on create, when after"),
        ({"on": "create", "do": "refuse", "twin": True}, "twin needs an instance: on create, when"),
        ({"on": "create", "do": "close", "when": "before", "lag": 1}, "lag needs an instance"),
        (
            {"on": "create", "do": "status", "status": 429, "retryAfter": "a\r\nb: c"},
            "retryAfter: 'a\\r\\nb: c' is not a number of seconds or a line of ASCII",
        ),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_a_rule_that_makes_no_sense_is_refused(said: object, reason: str) -> None:
    with pytest.raises(ScriptError) as caught:
        read_script([{"on": "create", "do": "close"}, said])

    assert str(caught.value).startswith(f"rule 2: {reason}")


def test_a_script_is_a_list() -> None:
    with pytest.raises(ScriptError, match="a fault script is a list of rules"):
        read_script({"on": "create", "do": "close"})


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 600),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["always", "before", "after", *On, *ACTIONS]),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
_DETAILS = {field for action in ACTIONS.values() for field in action.takes}
_WORDS = ["do", *MATCH_FIELDS, *TWIST_FIELDS, *TIMING_FIELDS, *sorted(_DETAILS)]


@given(st.lists(st.dictionaries(st.sampled_from(_WORDS), _VALUES, max_size=6), max_size=3))
def test_whatever_is_said_is_read_or_refused(script: list[dict[str, Any]]) -> None:
    try:
        rules = read_script(script)
    except ScriptError as error:
        assert str(error).startswith(f"rule {error.rule}: ")
    else:
        assert [rule.said for rule in rules] == script
