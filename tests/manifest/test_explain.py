"""Why a value is refused, in words; corpus files hold the words to what users see."""

import pytest

from reconciler.manifest.explain import HUSHED, explain, explain_value, nearest, show
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
        ("x" * 100, '"' + "x" * 57 + '…"'),
    ],
)
def test_a_value_is_shown_short_and_on_one_line(value: object, shown: str) -> None:
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
    parameter = rules().parameters["delaySendMessagesMilliseconds"]

    reason = explain(rules(), parameter, text, None)

    assert reason is not None
    assert reason.hint == hint


def test_a_hushed_number_is_not_quoted_back() -> None:
    reason = explain(rules(), rules().parameters["webhookUrlToken"], 12345, HUSHED)

    assert reason is not None
    assert (reason.message, reason.hint) == ("the value is not a string", "put it in quotes")


def test_what_is_right_has_no_reason() -> None:
    assert explain(rules(), rules().parameters["autoTyping"], 3, None) is None


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
    assert _reason(schema, value) == message


def _reason(schema: dict[str, object], value: object) -> str:
    return explain_value(rules(), [schema], value, None).message
