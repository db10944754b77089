"""What each fault makes of a usual answer, as far as it needs no wire to be seen."""

import json
from datetime import UTC, datetime

import pytest

from reconciler.sandbox.answers import (
    Again,
    Answer,
    Redirect,
    Refuse,
    Reply,
    Reshaped,
    Shape,
    Usual,
    failure,
    respond,
    soft_failure,
    unauthorized,
)

NOW = datetime(2026, 11, 22, 10, 6, tzinfo=UTC)
BODY = b'[{"idInstance":7,"apiTokenInstance":"c1b0"}]'


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (Usual(), 200, BODY),
        (Usual(409), 409, BODY),
        (Again(), 200, BODY),
        (Reply(503, b"busy"), 503, b"busy"),
        (Refuse(), 401, b'{"code":401,"description":"Unauthorized"}'),
        (Redirect(308, None), 308, b""),
        (Reshaped(Shape.NO_TOKEN), 200, b'[{"idInstance":7}]'),
        (Reshaped(Shape.STRING_ID), 200, b'[{"idInstance":"7","apiTokenInstance":"c1b0"}]'),
    ],
    ids=repr,
)
def test_an_answer_becomes_a_response(answer: Answer, status: int, body: bytes) -> None:
    response = respond(answer, BODY, url="http://x/y", unauthorized_status=401, now=NOW)

    assert (response.status_code, response.body) == (status, body)


@pytest.mark.parametrize("shape", list(Shape))
@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"'])
def test_what_has_no_fields_keeps_its_shape(shape: Shape, body: bytes) -> None:
    response = respond(Reshaped(shape), body, url="http://x/y", unauthorized_status=200, now=NOW)

    assert response.body == body


@pytest.mark.parametrize(
    ("reply", "header"),
    [
        (Reply(429, b""), None),
        (Reply(429, b"", retry_after="3"), "3"),
        (Reply(429, b"", retry_after_date=90), "Sun, 22 Nov 2026 10:07:30 GMT"),
    ],
    ids=["none", "seconds", "date"],
)
def test_retry_after_is_told_in_either_form(reply: Reply, header: str | None) -> None:
    response = respond(reply, b"", url="http://x/y", unauthorized_status=200, now=NOW)

    assert response.headers.get("retry-after") == header


def test_a_failure_says_its_status_twice_a_soft_one_once() -> None:
    hard, soft, refused = failure(400, "why"), soft_failure(404, "why"), unauthorized(400)

    statuses = [response.status_code for response in (hard, soft, refused)]
    codes = [json.loads(bytes(response.body))["code"] for response in (hard, soft, refused)]
    assert (statuses, codes) == ([400, 200, 400], [400, 404, 401])


def test_a_failure_may_say_when_to_come_again() -> None:
    assert failure(429, "why", retry_after=3).headers["retry-after"] == "3"
