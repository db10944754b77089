"""Why a value is refused, in words; corpus files hold the words to what users see."""

import pytest

from reconciler.manifest.explain import HUSHED, Reason, explain
from reconciler.manifest.quoting import nearest, show
from reconciler.schemas import Validator
from tests.manifest.harness import rules


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("webhookURL", "webhookUrl"),
        ("webhook_url", "webhookUrl"),
        ("webhook-url", "webhookUrl"),
        ("WEBHOOKURL", "webhookUrl"),
        ("incomingWebhooks", "incomingWebhook"),
        ("delaySendMessageMilliseconds", "delaySendMessagesMilliseconds"),
        ("nmae", "name"),
        ("foo", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_found(word: str, meant: str | None) -> None:
    assert nearest(word, rules().parameters) == meant


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", '"a"'),
        ("ü\n", '"ü\\n"'),
        (1, "1"),
        (True, "true"),
        (None, "null"),
        ([1], "a list"),
        ({}, "a mapping"),
        ("x" * 6, "a text of 6 characters"),
        (10**100, "1" + "0" * 58 + "…"),
    ],
)
def test_a_value_is_shown_unless_it_may_be_a_secret(value: object, shown: str) -> None:
    assert show(value) == shown


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1000", "write 1000, without quotes"),
        (" 1000 ", "write 1000, without quotes"),
        ("1_000", "write 1000, without quotes"),
        ("1,000", "write 1000, without quotes"),
        ("1'000", "write 1000, without quotes"),
        ("10_00", "write a number from 500 to 600000"),
        ("499", "write a number from 500 to 600000"),
        ("a second", "write a number from 500 to 600000"),
    ],
)
def test_a_number_in_quotes_is_told_how_to_be_one(text: str, hint: str) -> None:
    assert reason("delaySendMessagesMilliseconds", text).hint == hint


def test_a_hushed_number_is_not_quoted_back() -> None:
    said = reason("webhookUrlToken", 12345, HUSHED)

    assert (said.message, said.hint) == ("the value is not a string", "put it in quotes")


def reason(parameter: str, value: object, shown: str | None = None) -> Reason:
    [error] = rules().judge(parameter).errors(value)
    return explain(error, shown, rules().parameters[parameter])


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"type": "string", "maxLength": 2}, "abc", '"abc" is against the rule maxLength: 2'),
        ({"type": "integer", "multipleOf": 5}, 7, "7 is against the rule multipleOf: 5"),
        ({"type": "integer"}, None, "null is not an integer"),
        ({"enum": ["a"]}, "b", '"b" is not "a"'),
    ],
)
def test_a_keyword_that_nobody_thought_of_is_still_explained(
    schema: dict[str, object], value: object, message: str
) -> None:
    [error] = Validator(schema).errors(value)

    assert explain(error).message == message


def test_the_words_are_those_of_the_error_that_jsonschema_gives() -> None:
    [error] = rules().judge("autoTyping").errors(99)

    assert error.validator == "maximum"
    assert (
        explain(error).message
        == f"{error.instance} is more than the maximum of {error.validator_value}"
    )
