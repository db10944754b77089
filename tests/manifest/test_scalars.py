"""Plain scalars mean what YAML 1.2 says, whatever YAML 1.1 said."""

import math

import pytest

from reconciler.manifest.scalars import SUSPECT, resolve


@pytest.mark.parametrize(
    "text",
    [
        *("yes", "no", "Yes", "NO", "on", "Off", "y", "n"),
        *("12:30", "1:2:3", "190:20:30.15", "1_000", "0b101", "0o8", "0xg", "1,000"),
        *("2026-11-23", "2026-11-23T10:00:00Z", "tRue", "nULL", "NaN", "inf", "-.nan"),
        *(
            "-",
            "+",
            ".",
            "..",
            "...",
            "-.",
            "e3",
            ".e3",
            "1e",
            "1e+",
            "--1",
            "+-1",
            "<<",
            "=",
            "0x",
        ),
        *("truefalse", "null2", "1.2.3", "1 2", "٣"),
    ],
)
def test_what_yaml_1_1_would_change_stays_a_string(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("true", True),
        ("TRUE", True),
        ("False", False),
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("010", 10),
        ("0o17", 15),
        ("0xFf", 255),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1.5e3", -1500.0),
        ("1E+2", 100.0),
        ("1e3", 1000.0),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("+.Inf", math.inf),
    ],
)
def test_core_schema_values_are_recognized(text: str, value: object) -> None:
    resolved = resolve(text)

    assert resolved == value
    assert type(resolved) is type(value)


def test_not_a_number_is_recognized() -> None:
    assert math.isnan(float(str(resolve(".nan"))))


@pytest.mark.parametrize("text", ["9" * 5000, "0x" + "f" * 5000, "-" + "9" * 400])
def test_a_number_of_thousands_of_digits_is_infinite(text: str) -> None:
    assert math.isinf(float(str(resolve(text))))


def test_every_string_that_means_something_else_begins_with_a_suspect() -> None:
    texts = ["", "~", "null", "Null", "true", "True", "False", "1", "-1", "+1", ".5", ".inf", "0x1"]

    assert {text[:1] for text in texts} <= SUSPECT
