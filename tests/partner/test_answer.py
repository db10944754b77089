"""Untyped JSON becomes a value here, or nothing."""

from typing import Any

import pytest

from reconciler.partner.answer import UNREADABLE, read_code, read_id, read_json, read_text


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"null", None),
        (b" [1] \n", [1]),
        (b"\xef\xbb\xbf{}", {}),
        (b'"caf\xe9"', "caf\ufffd"),
        (b"", UNREADABLE),
        (b"{} {}", UNREADABLE),
        (b"NaN", UNREADABLE),
        (b"-Infinity", UNREADABLE),
        (b"[" * 200_000 + b"]" * 200_000, UNREADABLE),
        (b"9" * 5000, UNREADABLE),
        (b'[{"a": 1, "a": 1}]', UNREADABLE),
    ],
    ids=range(11),
)
def test_a_body_is_one_unambiguous_value_or_unreadable(body: bytes, value: Any) -> None:
    assert read_json(body) == value


@pytest.mark.parametrize("value", [1, "1", 10**18 - 1, "9" * 18])
def test_an_id_is_a_positive_integer_or_its_digits(value: object) -> None:
    assert read_id(value) == int(str(value))


@pytest.mark.parametrize(
    "value", [None, True, 0, -1, 10**18, 1.0, "", "0", "01", "-1", "1 ", "1.0", "1e3", "٣", [1]]
)
def test_nothing_else_is_an_id(value: object) -> None:
    assert read_id(value) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [(401, 401), ("401", 401), ("-1", -1), (True, None), (None, None), ("x", None), (4.0, None)],
)
def test_a_code_is_an_integer_or_its_digits(value: object, code: int | None) -> None:
    assert read_code(value) == code


@pytest.mark.parametrize("value", [None, "", 7, "\ud800", "broken \ufffd", ["a"]])
def test_a_text_that_cannot_be_written_down_is_none(value: object) -> None:
    assert read_text(value) is None
