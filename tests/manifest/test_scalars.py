"""Plain scalars mean what YAML 1.2 says, whatever YAML 1.1 said."""

import math

import pytest

from reconciler.manifest.scalars import (
    SUSPECT,
    TagError,
    check_collection_tag,
    resolve,
    resolve_tagged,
)

CORE = "tag:yaml.org,2002:"


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


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("str", "12", "12"),
        ("int", "0x10", 16),
        ("float", "1", 1.0),
        ("float", ".5", 0.5),
        ("bool", "true", True),
        ("null", "", None),
    ],
)
def test_a_core_tag_decides_the_type(tag: str, text: str, value: object) -> None:
    found = resolve_tagged(CORE + tag, text)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("tag", "text"), [("int", "x"), ("int", "1.5"), ("bool", "yes"), ("null", "x")]
)
def test_a_tag_that_does_not_fit_is_refused(tag: str, text: str) -> None:
    with pytest.raises(TagError, match=f"!!{tag}"):
        resolve_tagged(CORE + tag, text)


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("!S3cr3tPassw0rd", "this tag is not known here"),
        (CORE + "binary", "the tag !!binary is not known here"),
        (CORE + "python/object:os.system", "this tag is not known here"),
    ],
)
def test_an_unknown_tag_is_refused_and_named_only_if_it_is_one_of_yaml(
    tag: str, words: str
) -> None:
    with pytest.raises(TagError) as told:
        resolve_tagged(tag, "x")

    assert str(told.value) == words
    with pytest.raises(TagError):
        check_collection_tag(tag, is_mapping=True)


def test_a_collection_takes_its_own_tag_only() -> None:
    check_collection_tag(CORE + "map", is_mapping=True)
    check_collection_tag(CORE + "seq", is_mapping=False)
    with pytest.raises(TagError):
        check_collection_tag(CORE + "seq", is_mapping=True)
