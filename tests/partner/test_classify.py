"""What each answer of the partner API means for money."""

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.model import (
    Attempt,
    Created,
    NotSent,
    Refused,
    Rejected,
    Throttled,
    Unknown,
)
from reconciler.partner.answer import Answer
from reconciler.partner.classify import classify
from reconciler.secrets import Secret
from tests.partner.answers import answer, bodies, cut, objects, retries
from tests.partner.server import MADE, TOKEN

NOW = datetime(2026, 11, 22, 10, 6, tzinfo=UTC)
ID = 1101728000
# Whoever says these may not be the API, or not be the last who had the request.
UNCLEAR = (402, 407, 408, 409, 410, 418, 421, 423, 424, 425, 428, 431, 451, 460, 463, 499)


def created(token: str | None = TOKEN, **more: Any) -> Created:
    secret = None if token is None else Secret(token)
    return Created(**{"id_instance": ID, "token": secret, "type_instance": "whatsapp", **more})


@pytest.mark.parametrize(
    ("given_answer", "expected"),
    [
        pytest.param(answer(MADE), created(), id="documented"),
        pytest.param(answer({**MADE, "idInstance": str(ID)}), created(), id="id-as-digits"),
        pytest.param(answer({**MADE, "code": 200, "new": [1]}), created(), id="unknown-fields"),
        pytest.param(answer(MADE, 500), created(), id="id-with-status-500"),
        pytest.param(answer({**MADE, "code": 401}), created(), id="id-with-code-401"),
        pytest.param(answer(b"\xef\xbb\xbf" + json.dumps(MADE).encode()), created(), id="with-bom"),
        pytest.param(
            answer(json.dumps(MADE).encode()[:-1] + b', "name": "caf\xe9"}'),
            created(),
            id="broken-utf-8-beside-the-id",
        ),
        pytest.param(
            answer({"idInstance": ID}), created(None, type_instance=None), id="token-missing"
        ),
        pytest.param(answer({**MADE, "apiTokenInstance": ""}), created(None), id="token-empty"),
        pytest.param(answer({**MADE, "apiTokenInstance": None}), created(None), id="token-null"),
        pytest.param(answer({**MADE, "apiTokenInstance": 7}), created(None), id="token-a-number"),
        pytest.param(
            answer({**MADE, "apiTokenInstance": "\ud800"}), created(None), id="token-not-writable"
        ),
        pytest.param(
            answer({**MADE, "typeInstance": "\x1b[31m"}), created(type_instance=None), id="odd-type"
        ),
        pytest.param(
            answer({**MADE, "apiUrl": "https://7103.api.example", "mediaUrl": "https://m.example"}),
            created(extra={"apiUrl": "https://7103.api.example", "mediaUrl": "https://m.example"}),
            id="addresses-are-kept",
        ),
        pytest.param(
            answer({**MADE, "apiUrl": 5, "mediaUrl": f"https://m.example/{TOKEN}"}),
            created(),
            id="no-address-with-the-token-in-it",
        ),
    ],
)
def test_an_id_that_arrives_is_created(given_answer: Answer, expected: Created) -> None:
    assert classify(given_answer, now=NOW) == expected


@pytest.mark.parametrize(
    "given_answer",
    [
        *(pytest.param(answer({}, n), id=f"status-{n}") for n in (500, 502, 503, 504, 599)),
        *(pytest.param(answer({}, n), id=f"status-{n}") for n in UNCLEAR),
        *(pytest.param(answer({"code": n}), id=f"code-{n}") for n in UNCLEAR),
        *(pytest.param(answer({"code": n}, 400), id=f"code-{n}-in-400") for n in UNCLEAR),
        *(pytest.param(answer({"code": 400}, n), id=f"code-400-in-{n}") for n in UNCLEAR),
        *(pytest.param(answer(MADE, n), id=f"id-with-{n}") for n in (400, 401, 404, 409, 429)),
        *(pytest.param(answer(b"", n), id=f"{n}-without-a-body") for n in (401, 403)),
        *(pytest.param(answer(b"<html>", n), id=f"{n}-with-a-page") for n in (401, 403)),
        *(pytest.param(answer([], n), id=f"{n}-with-a-list") for n in (401, 403)),
        *(pytest.param(answer({}, n, whole=False), id=f"cut-{n}") for n in (400, 401, 404, 429)),
        *(pytest.param(answer({}, n), id=f"status-{n}") for n in (301, 302, 304, 307, 308)),
        *(pytest.param(answer({}, n), id=f"status-{n}") for n in (101, 600, 999)),
        *(
            pytest.param(answer({"code": n}), id=f"code-{n}")
            for n in (0, 200, 201, 299, 500, 502, 503, 504)
        ),
        pytest.param(answer({"code": 200}, 400), id="code-200-with-status-400"),
        pytest.param(answer({"code": "500"}, 400), id="code-500-with-status-400"),
        pytest.param(answer({"code": 100}, 500), id="code-100-with-status-500"),
        pytest.param(answer({"code": 401}, 502), id="code-401-with-status-502"),
        pytest.param(answer({"code": True}), id="code-true"),
        pytest.param(answer({"code": "NO"}), id="code-in-letters"),
        pytest.param(answer({"description": "odd"}), id="description-only"),
        pytest.param(answer(b""), id="empty"),
        pytest.param(answer(b"", 204), id="no-content"),
        pytest.param(answer(b" \n"), id="blank"),
        pytest.param(answer({}), id="empty-object"),
        pytest.param(answer(None), id="null"),
        pytest.param(answer(b"<html>gateway</html>"), id="html"),
        pytest.param(answer([MADE]), id="a-list"),
        pytest.param(answer("idInstance"), id="a-string"),
        pytest.param(answer(ID), id="a-number"),
        pytest.param(answer({"data": MADE}), id="id-in-a-nested-object"),
        pytest.param(answer(json.dumps(MADE).encode()[:60], whole=False), id="cut"),
        pytest.param(answer(json.dumps(MADE).encode(), whole=False), id="whole-json-of-a-cut-body"),
        pytest.param(answer(json.dumps(MADE).encode()[:60], 400, whole=False), id="cut-400"),
        pytest.param(answer(b"[" * 500_000), id="nested-lists"),
        pytest.param(answer(b'{"a":' * 200_000), id="nested-objects"),
        pytest.param(answer(b'{"idInstance": 1, "idInstance": 2}'), id="two-ids"),
        pytest.param(answer(b'{"idInstance": 1, "idInstance": 2}', 400), id="two-ids-with-400"),
        pytest.param(answer(b'{"idInstance": NaN}'), id="nan"),
        pytest.param(answer(b'{"idInstance": 1, "x": Infinity}'), id="infinity-beside-an-id"),
        pytest.param(answer(b'{"idInstance": %s}' % (b"9" * 5000)), id="an-integer-too-long"),
        pytest.param(answer({"idInstance": 10**30}), id="an-integer-too-large"),
        pytest.param(answer({"idInstance": True}), id="id-true"),
        pytest.param(answer({"idInstance": True}, 400), id="id-true-with-400"),
        pytest.param(answer({"idInstance": -5}), id="id-negative"),
        pytest.param(answer({"idInstance": 0}), id="id-zero"),
        pytest.param(answer({"idInstance": 1.5}), id="id-a-fraction"),
        pytest.param(answer({"idInstance": None}), id="id-null"),
        pytest.param(answer({"idInstance": ""}), id="id-empty"),
        pytest.param(answer({"idInstance": "12x"}), id="id-not-digits"),
        pytest.param(answer({"idInstance": "١٢٣"}), id="id-in-other-digits"),
        pytest.param(answer({"idInstance": [ID]}), id="id-in-a-list"),
    ],
)
def test_what_could_mean_that_it_exists_is_unknown(given_answer: Answer) -> None:
    assert isinstance(classify(given_answer, now=NOW), Unknown)


@pytest.mark.parametrize(
    ("given_answer", "expected"),
    [
        pytest.param(
            answer({"code": 401, "description": "Unauthorized"}),
            Refused(401, "Unauthorized"),
            id="documented",
        ),
        pytest.param(answer({"code": 403}), Refused(403, "403 Forbidden"), id="code-403"),
        pytest.param(answer({"code": "401"}), Refused(401, "401 Unauthorized"), id="as-digits"),
        pytest.param(answer({}, 401), Refused(401, "401 Unauthorized"), id="status-401"),
        pytest.param(
            answer({}, 403, content_type="text/html"),
            Refused(403, "403 Forbidden"),
            id="a-json-object-whatever-it-is-called",
        ),
        pytest.param(
            answer({"code": 401, "description": "bad token"}, 400),
            Refused(401, "bad token"),
            id="code-401-with-status-400",
        ),
        pytest.param(
            answer({"code": 7, "description": "no"}, 403),
            Refused(403, "no"),
            id="any-code-with-403",
        ),
    ],
)
def test_a_bad_token_is_refused(given_answer: Answer, expected: Refused) -> None:
    assert classify(given_answer, now=NOW) == expected


@pytest.mark.parametrize(
    ("given_answer", "expected"),
    [
        pytest.param(
            answer({"code": 100}), Rejected(100, "temporarily no free instances"), id="code-100"
        ),
        pytest.param(
            answer({"code": 100, "description": "Busy"}, 400),
            Rejected(100, "Busy"),
            id="100-in-400",
        ),
        pytest.param(
            answer({"code": 400, "description": "bad body"}),
            Rejected(400, "bad body"),
            id="code-400",
        ),
        pytest.param(answer({"code": 404}), Rejected(404, "404 Not Found"), id="code-404"),
        pytest.param(answer({"code": 1234}), Rejected(1234, "1234"), id="a-code-of-its-own"),
        pytest.param(answer(b"", 400), Rejected(400, "400 Bad Request"), id="status-400-empty"),
        *(
            pytest.param(answer(b"", n), Rejected(n, HTTPStatus(n).phrase), id=f"status-{n}")
            for n in (405, 406, 411, 414, 415, 422)
        ),
        pytest.param(answer(b"<html>", 404), Rejected(404, "404 Not Found"), id="status-404-html"),
        pytest.param(answer(b"[" * 500_000, 413), Rejected(413, HTTPStatus(413).phrase), id="413"),
        pytest.param(
            answer({"statusCode": 400, "message": "'name' is odd"}, 400),
            Rejected(400, "'name' is odd"),
            id="message-instead-of-description",
        ),
        pytest.param(
            answer({"description": "idInstance is not allowed"}, 422),
            Rejected(422, "idInstance is not allowed"),
            id="an-id-only-talked-of",
        ),
        pytest.param(
            answer({"code": 400, "description": f"odd\n{TOKEN}\x1b[31m"}),
            Rejected(400, "odd *** [31m"),
            id="token-and-controls-in-the-description",
        ),
    ],
)
def test_an_entry_that_the_api_declines_is_rejected(
    given_answer: Answer, expected: Rejected
) -> None:
    outcome = classify(given_answer, now=NOW)

    assert isinstance(outcome, Rejected)
    assert outcome.code == expected.code
    assert outcome.description.endswith(expected.description)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param(None, None, id="none"),
        pytest.param("0", 0.0, id="at-once"),
        pytest.param(" 7 ", 7.0, id="seconds"),
        pytest.param("Sun, 22 Nov 2026 10:06:30 GMT", 30.0, id="date"),
        pytest.param("Sunday, 22-Nov-26 10:06:30 GMT", 30.0, id="obsolete-date"),
        pytest.param("Sun Nov 22 10:06:30 2026", 30.0, id="date-of-asctime"),
        pytest.param("Sun, 22 Nov 2026 10:06:30 -0000", 30.0, id="date-without-zone"),
        pytest.param("Sun, 22 Nov 2026 12:06:30 +0200", 30.0, id="date-of-another-zone"),
        pytest.param("Sun, 22 Nov 2026 10:05:00 GMT", 0.0, id="past"),
        pytest.param("31536000", 31_536_000.0, id="a-year"),
        pytest.param("9" * 400, 1e9, id="for-ever"),
        pytest.param("-1", None, id="negative"),
        pytest.param("1e9", None, id="exponent"),
        pytest.param("nan", None, id="nan"),
        pytest.param("soon", None, id="words"),
        pytest.param("", None, id="empty"),
    ],
)
@pytest.mark.parametrize(
    ("status", "body"), [(429, b""), (200, b'{"code": 429}'), (400, b'{"code": 429}')]
)
def test_too_many_requests_are_throttled_for_as_long_as_the_server_says(
    status: int, body: bytes, header: str | None, seconds: float | None
) -> None:
    headers = {} if header is None else {"retry-after": header}

    assert classify(Answer(status, headers, [body]), now=NOW) == Throttled(seconds)


REFUSALS = [400, 401, 403, 404, 405, 406, 411, 413, 414, 415, 422]


def proves(outcome: Attempt) -> bool:
    return isinstance(outcome, Rejected | Refused)


def test_these_statuses_and_no_others_can_say_that_nothing_was_created() -> None:
    proving = [n for n in range(1, 1_000) if proves(classify(answer({"code": 100}, n), now=NOW))]
    alone = [n for n in range(1, 1_000) if proves(classify(answer({}, n), now=NOW))]

    assert proving == [*range(200, 300), *REFUSALS]
    assert alone == REFUSALS


def test_these_codes_and_no_others_leave_it_open_whether_something_was_created() -> None:
    codes = range(-1_000, 2_000)

    opening = [n for n in codes if not proves(classify(answer({"code": n}), now=NOW))]

    errors = [n for n in range(400, 600) if n not in REFUSALS]
    assert opening == [0, *range(200, 300), *errors]


def test_an_answer_that_says_something_else_is_told_from_one_that_says_nothing() -> None:
    lacks = "the answer has neither an idInstance nor a code"

    assert classify(answer({"x": 1}), now=NOW) == Unknown(lacks)
    assert classify(answer({}), now=NOW) != Unknown(lacks)


def test_a_cut_answer_names_the_id_that_it_began_with() -> None:
    cut = answer(b'{"idInstance": 1101728000, "apiTok', whole=False)

    assert classify(cut, now=NOW) == Unknown("the answer was cut after idInstance 1101728000")


def test_an_id_that_was_cut_itself_is_not_named() -> None:
    assert classify(answer(b'{"idInstance": 11017', whole=False), now=NOW) == Unknown(
        "the answer was cut"
    )


def test_known_secrets_are_hidden_before_a_description_is_shortened() -> None:
    text = "x" * 190 + "hush-hush-hush-hush"
    outcome = classify(
        answer({"code": 400, "description": text}),
        now=NOW,
        hide=lambda said: said.replace("hush-hush-hush-hush", "***"),
    )

    assert isinstance(outcome, Rejected)
    assert "hush" not in outcome.description


def test_an_answer_does_not_show_its_body() -> None:
    assert TOKEN not in repr(answer(MADE))


@given(st.integers(-1, 1100), retries, bodies, st.booleans())
def test_no_answer_at_all_makes_it_raise(
    status: int, headers: dict[str, str], body: bytes, whole: bool
) -> None:
    outcome = classify(Answer(status, headers, [body] if whole else cut(body)), now=NOW)

    assert not isinstance(outcome, NotSent)  # something answered, so something was sent


@given(
    status=st.integers(100, 999).filter(lambda status: not 400 <= status < 500),
    value=objects,
    id_instance=st.integers(1, 10**18 - 1),
    spell=st.sampled_from([int, str]),
)
@example(status=200, value={"code": 100}, id_instance=7, spell=str)
def test_no_code_and_no_status_but_a_refusal_outweighs_an_id(
    status: int, value: dict[str, Any], id_instance: int, spell: type
) -> None:
    outcome = classify(answer({**value, "idInstance": spell(id_instance)}, status), now=NOW)

    assert isinstance(outcome, Created)
    assert outcome.id_instance == id_instance


@given(status=st.integers(100, 999), value=objects, cut=st.integers(1, 40))
def test_no_cut_answer_that_mentions_an_id_lets_a_create_be_sent_again(
    status: int, value: dict[str, Any], cut: int
) -> None:
    body = json.dumps({"idInstance": ID, **value}).encode()
    left = body[: max(len(b'{"idInstance"'), len(body) - cut)]

    assert isinstance(classify(answer(left, status, whole=False), now=NOW), Unknown)
