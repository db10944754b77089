"""The API's parameters, read out of the manifest's schema."""

import json
from typing import Any

import pytest

from reconciler.sandbox.parameters import (
    BadBody,
    Parameters,
    Text,
    Whole,
    YesNo,
    check_body,
    default_of,
    read_parameters,
)
from reconciler.schemas import schema_text

_RULES: Parameters = {
    "flag": YesNo(),
    "speed": Whole(500, 600_000),
    "any": Whole(None, None),
    "text": Text(),
}


def test_every_parameter_of_the_founding_example_has_a_rule() -> None:
    parameters = read_parameters(schema_text("manifest"))

    assert parameters["name"] == Text()
    assert parameters["webhookUrl"] == Text()
    assert parameters["delaySendMessagesMilliseconds"] == Whole(500, 600_000)
    assert parameters["autoTyping"] == Whole(0, 10)
    assert sum(rule == YesNo() for rule in parameters.values()) == 14


def test_rules_are_found_however_the_schema_is_put_together() -> None:
    schema = {
        "properties": {"instances": {"patternProperties": {".": {"$ref": "#/definitions/entry"}}}},
        "definitions": {
            "entry": {"anyOf": [{"properties": {"flag": {"$ref": "#/definitions/yesNo"}}}, True]},
            "yesNo": {"oneOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}]},
        },
    }

    assert read_parameters(json.dumps(schema)) == {"flag": YesNo()}


@pytest.mark.parametrize(
    "body",
    [
        {"flag": "yes"},
        {"speed": 500},
        {"speed": 600_000},
        {"any": -5},
        {"text": ""},
        {"text": "a", "flag": "no"},
    ],
    ids=repr,
)
def test_a_good_body_is_taken_as_it_is(body: dict[str, Any]) -> None:
    assert check_body(body, _RULES, tolerant=False) == body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "the body must be a JSON object"),
        ([{"flag": "yes"}], "the body must be a JSON object"),
        ({}, "at least one parameter must be given"),
        ({"flag": True}, 'flag must be the string "yes" or "no"'),
        ({"flag": "YES"}, 'flag must be the string "yes" or "no"'),
        ({"flag": ["yes"]}, 'flag must be the string "yes" or "no"'),
        ({"speed": 499}, "speed must be at least 500"),
        ({"speed": 600_001}, "speed must be at most 600000"),
        ({"speed": 500.0}, "speed must be an integer"),
        ({"speed": True}, "speed must be an integer"),
        ({"text": None}, "text must be a string"),
        ({"text": "a", "txet": "b"}, "unknown parameter 'txet'"),
    ],
    ids=repr,
)
def test_a_bad_body_is_told_why(body: object, reason: str) -> None:
    assert check_body(body, _RULES, tolerant=False) == BadBody(reason)


def test_a_tolerant_check_drops_what_it_does_not_know() -> None:
    assert check_body({"text": "a", "txet": "b"}, _RULES, tolerant=True) == {"text": "a"}
    assert isinstance(check_body({"txet": "b"}, _RULES, tolerant=True), BadBody)


@pytest.mark.parametrize(
    ("name", "default"), [("flag", "no"), ("speed", 500), ("any", 0), ("text", "")]
)
def test_what_was_never_set_has_a_default(name: str, default: object) -> None:
    assert default_of(_RULES[name]) == default
