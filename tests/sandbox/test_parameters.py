"""The API's parameters, read out of the manifest's schema."""

from typing import Any

import pytest

from reconciler.sandbox.parameters import BadBody, Parameters, read_parameters
from reconciler.schemas import shipped_schema

SCHEMA: dict[str, Any] = {
    "definitions": {
        "parameters": {
            "properties": {
                "flag": {"$ref": "#/definitions/yesNo"},
                "any": {"type": ["integer", "null"]},
                "text": {"anyOf": [{"type": "string"}, True]},
                "speed": {"type": "integer", "minimum": 500, "maximum": 600000},
            }
        },
        "yesNo": {"oneOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}]},
    },
}


@pytest.fixture
def parameters() -> Parameters:
    return read_parameters(SCHEMA)


def test_every_parameter_of_the_founding_example_has_a_rule() -> None:
    defaults = read_parameters(shipped_schema("manifest")).defaults()

    assert (defaults["name"], defaults["webhookUrl"]) == ("", "")
    assert (defaults["delaySendMessagesMilliseconds"], defaults["autoTyping"]) == (500, 0)
    assert sum(value == "no" for value in defaults.values()) >= 14
    assert "lifecycle" not in defaults


def test_what_was_never_set_has_a_default(parameters: Parameters) -> None:
    assert parameters.defaults() == {"flag": "no", "any": 0, "text": "", "speed": 500}


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
def test_a_good_body_is_taken_as_it_is(parameters: Parameters, body: dict[str, Any]) -> None:
    assert parameters.check(body, tolerant=False) == body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "the body must be a JSON object"),
        ([{"flag": "yes"}], "the body must be a JSON object"),
        ({}, "at least one parameter must be given"),
        ({"flag": True}, 'flag must be the string "yes" or "no"'),
        ({"flag": "YES"}, 'flag must be the string "yes" or "no"'),
        ({"flag": ["yes"]}, 'flag must be the string "yes" or "no"'),
        ({"speed": 499}, "speed must be an integer, at least 500, at most 600000"),
        ({"speed": 600_001}, "speed must be an integer, at least 500, at most 600000"),
        ({"speed": 500.5}, "speed must be an integer, at least 500, at most 600000"),
        ({"speed": True}, "speed must be an integer, at least 500, at most 600000"),
        ({"text": None}, "text must be a string"),
        ({"text": "a", "txet": "b"}, "unknown parameter 'txet'"),
    ],
    ids=repr,
)
def test_a_bad_body_is_told_why(parameters: Parameters, body: object, reason: str) -> None:
    assert parameters.check(body, tolerant=False) == BadBody(reason)


def test_a_tolerant_check_drops_what_it_does_not_know(parameters: Parameters) -> None:
    assert parameters.check({"text": "a", "txet": "b"}, tolerant=True) == {"text": "a"}
    assert isinstance(parameters.check({"txet": "b"}, tolerant=True), BadBody)
