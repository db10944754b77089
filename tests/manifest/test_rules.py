"""The schema, taken apart: nothing of it is lost, and only it names parameters."""

import json
import re
from pathlib import Path

import pytest

from reconciler.manifest.rules import Rules
from reconciler.schemas import schema_text
from tests.manifest.harness import rules

FOUNDING = {
    "webhookUrl", "webhookUrlToken", "delaySendMessagesMilliseconds", "markIncomingMessagesReaded",
    "markIncomingMessagesReadedOnReply", "outgoingWebhook", "outgoingMessageWebhook",
    "outgoingAPIMessageWebhook", "incomingWebhook", "stateWebhook", "deviceWebhook",
    "keepOnlineStatus",
}  # fmt: skip
SINCE = {
    "name", "pollMessageWebhook", "incomingBlockWebhook", "incomingCallWebhook",
    "editedMessageWebhook", "deletedMessageWebhook", "autoTyping",
}  # fmt: skip
LATER = {"linkPreview", "enableLidMode", "catalogWebhook", "downloadUrlJpeg"}
NUMBERS = {"delaySendMessagesMilliseconds", "autoTyping"}
TEXTS = {"name", "webhookUrl", "webhookUrlToken"}


def test_every_parameter_of_the_api_is_there_and_no_other() -> None:
    assert set(rules().parameters) == FOUNDING | SINCE | LATER
    assert rules().uncreated == LATER


def test_every_parameter_is_a_text_a_number_or_a_choice() -> None:
    parameters = rules().parameters.values()

    assert {p.name for p in parameters if p.is_text} == TEXTS
    assert {p.name for p in parameters if p.is_number} == NUMBERS
    assert {p.name for p in parameters if p.booleans} == (
        FOUNDING | SINCE | LATER
    ) - TEXTS - NUMBERS


def test_only_the_token_is_marked_as_secret() -> None:
    assert rules().secret == {"webhookUrlToken"}


def test_a_new_parameter_needs_the_schema_only() -> None:
    schema = json.loads(schema_text())
    schema["definitions"]["parameters"]["properties"]["pinCode"] = {
        "title": "PIN",
        "description": "A PIN.",
        "type": ["string", "null"],
        "pattern": "^[0-9]{4}$",
        "patternErrorMessage": "no PIN",
        "x-reconciler-secret": True,
    }

    changed = Rules(schema)

    assert changed.secret == {"webhookUrlToken", "pinCode"}
    assert changed.clean.is_valid({"a": {"pinCode": "1234"}})
    assert not changed.clean.is_valid({"a": {"pinCode": "12345"}})


@pytest.mark.parametrize(
    ("entry", "clean"),
    [
        ({"autoTyping": 3}, True),
        ({"name": "A", "autoTyping": 3}, True),
        ({"name": "A"}, False),
        ({}, False),
        ({"autoTyping": "${env:X}"}, False),
        ({"webhookUrl": "${env:X}"}, False),
        ({"webhookUrl": "http://a.example.com/"}, False),
        ({"webhookUrl": "http://localhost/"}, True),
        ({"webhookUrlToken": "x"}, False),
    ],
)
def test_the_gate_passes_what_is_right_and_unremarkable(
    entry: dict[str, object], clean: bool
) -> None:
    assert rules().clean.is_valid({"a": entry}) is clean


def test_every_annotation_keyword_is_documented() -> None:
    source = Path(__file__).parents[2] / "reconciler" / "manifest" / "rules.py"
    used = set(re.findall(r'"(x-reconciler-[a-z]+)"', schema_text()))

    described = set(re.findall(r"`(x-reconciler-[a-z]+)`", source.read_text(encoding="utf-8")))

    assert used == described


def test_no_python_file_of_the_program_names_a_parameter() -> None:
    package = Path(__file__).parents[2] / "reconciler"
    names = re.compile(rf"""["'](?:{"|".join({*rules().parameters} - {"name"})})["']""")

    found = [
        f"{path.relative_to(package)}: {match}"
        for path in package.rglob("*.py")
        for match in names.findall(path.read_text(encoding="utf-8"))
    ]

    assert found == []
