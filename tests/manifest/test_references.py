"""References bring values from outside; what they bring is secret, and what fails says why."""

from pathlib import Path

import pytest

from reconciler.manifest.references import (
    Dangling,
    Resolved,
    Resolver,
    has_reference,
    is_whole,
)

ENV = {"HOST": "a.example.com", "EMPTY": "", "NESTED": "${env:HOST} $$", "BAD": "\udcff"}


def resolved(text: str, folder: Path = Path()) -> str:
    found = Resolver(ENV, folder).resolve(text)
    assert isinstance(found, Resolved)
    return found.text


def unresolved(text: str, folder: Path = Path()) -> Dangling:
    found = Resolver(ENV, folder).resolve(text)
    assert isinstance(found, Dangling)
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${env:HOST}", "a.example.com"),
        ("https://${env:HOST}/${env:HOST}", "https://a.example.com/a.example.com"),
        ("${env:EMPTY}", ""),
        ("$$", "$"),
        ("$${env:HOST}", "${env:HOST}"),
        ("$$${env:HOST}", "$a.example.com"),
        ("$5 and $ and $", "$5 and $ and $"),
        ("${env:NESTED}", "${env:HOST} $$"),
    ],
)
def test_references_are_replaced_once(text: str, value: str) -> None:
    assert resolved(text) == value


@pytest.mark.parametrize(
    ("text", "offset", "rule", "words"),
    [
        ("x ${env:NOWHERE}", 2, "undefined-variable", "NOWHERE is not set"),
        ("x ${env:BAD}", 2, "undefined-variable", "not valid UTF-8"),
        ("${env:}", 0, "reference", "not the name"),
        ("${env:A-B}", 0, "reference", "not the name"),
        ("abc ${env:HOST", 4, "reference", "never closed"),
        ("${}", 0, "reference", "no known kind"),
        ("${HOST}", 0, "reference", "a variable is written ${env:NAME}"),
        ("${ENV:HOST}", 0, "reference", "no known kind"),
        ("${file:}", 0, "reference", "names no file"),
        ("${file:a\0b}", 0, "reference", "names no file"),
        ("${file:nowhere}", 0, "unreadable-file", "can't read"),
        ("${file:folder}", 0, "unreadable-file", "a regular file"),
        ("${file:large}", 0, "unreadable-file", "larger than 64 KiB"),
        ("${file:latin}", 0, "unreadable-file", "not valid UTF-8"),
        ("${file:/dev/zero}", 0, "unreadable-file", "a regular file"),
    ],
)
def test_what_fails_says_where_and_why(
    tmp_path: Path, text: str, offset: int, rule: str, words: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    (tmp_path / "latin").write_bytes(b"\xff")

    found = unresolved(text, tmp_path)

    assert (found.offset, found.rule) == (offset, rule)
    assert words in found.message


@pytest.mark.parametrize(
    ("content", "value"),
    [(b"t", "t"), (b"t\n", "t"), (b"t\r\n", "t"), (b"t\n\n", "t\n"), (b"", ""), (b"t\r", "t\r")],
)
def test_one_line_break_at_the_end_of_a_file_is_dropped(
    tmp_path: Path, content: bytes, value: str
) -> None:
    (tmp_path / "token").write_bytes(content)

    assert resolved("${file:token}", tmp_path) == value


def test_a_file_is_looked_for_beside_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "token").write_text("t")

    assert resolved("${file:secrets/token}", tmp_path) == "t"
    assert resolved(f"${{file:{tmp_path}/secrets/token}}", Path("/")) == "t"


def test_what_a_reference_brings_does_not_show_itself() -> None:
    found = Resolver(ENV, Path()).resolve("https://${env:HOST}/")

    assert "example" not in repr(found)
    assert "example" not in repr(Resolver({}, Path()))


def test_each_reference_is_looked_up_once(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("first")
    resolver = Resolver({}, tmp_path)

    before = resolver.resolve("${file:token}")
    (tmp_path / "token").write_text("second")

    assert resolver.resolve("${file:token}") == before


def test_a_whole_reference_is_told_from_a_part() -> None:
    assert is_whole("${env:A}")
    assert not is_whole("${env:A}0")
    assert not is_whole("$${env:A}")
    assert has_reference("x${env:A}")
    assert not has_reference("$${env:A}")
