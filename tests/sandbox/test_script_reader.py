"""What a fault script may say, and what it is told when it says something else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox.answers import (
    Again,
    Close,
    Hang,
    Huge,
    Redirect,
    Reply,
    Reshaped,
    Shape,
    Twice,
    Usual,
)
from reconciler.sandbox.hands import DeleteByHand, MakeByHand, RenameByHand
from reconciler.sandbox.rules import (
    Aftermath,
    Match,
    On,
    Rule,
    Twist,
    View,
)
from reconciler.sandbox.script_reader import ScriptError, read_script
from reconciler.schemas import shipped_schema

WORDS = shipped_schema("faults")["definitions"]["rule"]["properties"]


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
        (
            {"on": "set-settings", "drops": "*", "shownSeconds": 3},
            Rule(Match(On.SET_SETTINGS), Usual(), aftermath=Aftermath("*", 3.0)),
        ),
        (
            {"on": "reboot", "do": "close", "restartSeconds": 9, "unlinks": True},
            Rule(Match(On.REBOOT), Close(), aftermath=Aftermath(restart_seconds=9.0, unlinks=True)),
        ),
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
        (
            {"on": "create", "caseName": "upper", "unicodeName": "NFC", "escapeName": True},
            Rule(
                Match(On.CREATE), Usual(), twist=Twist(case="upper", form="NFC", escape_name=True)
            ),
        ),
        ({"on": "create", "status": 409}, Rule(Match(On.CREATE), Usual(409))),
        ({"on": "create", "do": "again"}, Rule(Match(On.CREATE), Again())),
        ({"on": "create", "do": "twice"}, Rule(Match(On.CREATE), Twice())),
        (
            {"on": "list", "staleSeconds": 60, "headers": {"Age": 60}, "dateSeconds": -60},
            Rule(
                Match(On.LIST),
                Usual(),
                view=View(stale_seconds=60),
                headers={"age": "60"},
                date_seconds=-60,
            ),
        ),
        (
            {"on": "list", "lacks": "a*", "first": 2},
            Rule(Match(On.LIST), Usual(), view=View(lacks="a*", first=2)),
        ),
        (
            {
                "on": "list",
                "handsBefore": [{"make": "a"}],
                "handsAfter": [{"rename": "a", "to": "b"}, {"delete": "c"}],
            },
            Rule(
                Match(On.LIST),
                Usual(),
                hands_before=(MakeByHand("a"),),
                hands_after=(RenameByHand("a", "b"), DeleteByHand("c")),
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
        *(
            ({"do": "status", "status": status}, True)
            for status in (400, 401, 403, 404, 405, 406, 411, 413, 414, 415, 422, 429)
        ),
        *(
            ({"do": "status", "status": status}, False)
            for status in (408, 409, 421, 423, 425, 460, 466)
        ),
        ({"do": "status", "status": 499}, False),
        ({"do": "status", "status": 500}, False),
        ({"do": "status", "status": 500, "when": "before"}, True),
        ({"do": "status", "status": 429, "when": "after"}, False),
        ({"do": "code", "code": 100}, True),
        ({"do": "code", "code": 200}, False),
        ({"do": "code", "code": 201}, False),
        ({"do": "code", "code": 409}, False),
        ({"do": "page"}, False),
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
        ({"do": "close"}, "'on' is a required property"),
        ({"on": "create"}, "do is missing"),
        ({"on": "create", "do": "explode"}, "do: 'explode' is not one of ['usual', 'close', "),
        ({"on": "create", "do": ["close"]}, "do: ['close'] is not one of"),
        ({"on": "burn", "do": "close"}, "on: 'burn' is not one of ['create', 'list', "),
        ({"on": ["create"], "do": "close"}, "on: ['create'] is not one of"),
        ({"on": "create", "do": "status"}, "'status' is a required property"),
        ({"on": "create", "do": "code"}, "'code' is a required property"),
        ({"on": "create", "do": "status", "status": 42}, "status: 42 is less than the minimum"),
        ({"on": "create", "do": "redirect", "status": 200}, "status: 200 is less than the minimum"),
        ({"on": "create", "do": "close", "status": 500}, "do: status goes with do usual, status,"),
        ({"on": "create", "do": "close", "body": "x"}, "do: body, retryAfter and retryAfterDate"),
        ({"on": "create", "code": 100}, "code and description go with do code"),
        ({"on": "create", "do": "close", "nht": 2}, "Additional properties are not allowed ('nht'"),
        ({"on": "create", "do": "close", "nth": 0}, "nth: 0 is less than the minimum of 1"),
        ({"on": "create", "do": "close", "nth": True}, "nth: True is not of type 'integer'"),
        ({"on": "create", "do": "close", "times": -1}, "times: must be a whole number from 1, or"),
        ({"on": "create", "do": "close", "probability": 2}, "probability: 2 is greater than the"),
        ({"on": "create", "do": "hang", "seconds": -1}, "seconds: -1 is less than the minimum"),
        ({"on": "create", "seconds": 1e9}, "seconds: 1000000000.0 is greater than the maximum"),
        ({"on": "create", "do": "close", "when": "later"}, "when: 'later' is not one of ['before'"),
        ({"on": "create", "do": "cut", "when": "before"}, "when: the answer shows what was done"),
        ({"on": "create", "do": "close", "headers": {"Age": 1}}, "do: without an answer there are"),
        ({"on": "list", "do": "close", "when": "after"}, "reading changes nothing that could come"),
        ({"on": "list", "do": "close", "name": "a"}, "a listing has no name"),
        ({"on": "list", "do": "again"}, "on: do again is for creates"),
        ({"on": "list", "lag": 2}, "on: what becomes of an instance is for rules on create"),
        ({"on": "create", "lacks": "a"}, "on: what a listing shows is for rules on list"),
        ({"on": "list", "do": "close", "lacks": "a"}, "do: what a listing shows is for rules on"),
        ({"on": "create", "do": "refuse", "twin": True}, "before, there is no instance to change"),
        (
            {"on": "create", "do": "close", "when": "before", "lag": 1},
            "before, there is no instance to change: when after",
        ),
        ({"on": "list", "handsAfter": [{"burn": "a"}]}, "handsAfter: must be {make: NAME}, "),
        (
            {"on": "create", "do": "status", "status": 429, "retryAfter": "a\r\nb: c"},
            "retryAfter: 'a\\r\\nb: c' is not valid under any of the given schemas",
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
    st.sampled_from(["always", "before", "after", *On, *WORDS["do"]["enum"]]),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@given(st.lists(st.dictionaries(st.sampled_from(sorted(WORDS)), _VALUES, max_size=6), max_size=3))
def test_whatever_is_said_is_read_or_refused(script: list[dict[str, Any]]) -> None:
    try:
        rules = read_script(script)
    except ScriptError as error:
        assert str(error).startswith(f"rule {error.rule}: ")
    else:
        assert [rule.said for rule in rules] == script
