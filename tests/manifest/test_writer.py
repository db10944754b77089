"""The effective manifest reads back as what it shows, secrets apart."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.manifest.loading import Manifest
from reconciler.manifest.reader import read
from reconciler.manifest.source import Source
from reconciler.manifest.writer import effective_manifest
from reconciler.model import Desired, Place, Scalar
from reconciler.secrets import Secret


def entry(key: str, **parameters: Scalar | Secret) -> Desired:
    return Desired(key, key, parameters, Place("a.yaml", 1, 1))


def shown(*entries: Desired) -> str:
    return effective_manifest(Manifest(entries, ()))


def test_secrets_are_masked_whatever_their_type() -> None:
    said = shown(entry("a", b=Secret("hush"), c=Secret(12345), d="seen"))

    assert said == (
        "version: 1\ninstances:\n  a:\n    name: a\n    b: '***'\n    c: '***'\n    d: seen\n"
    )


def test_no_entries_are_an_empty_mapping() -> None:
    assert shown() == "version: 1\ninstances: {}\n"


def test_recipients_are_shown() -> None:
    assert "  - age1abc\n" in effective_manifest(Manifest((), (), recipients=("age1abc",)))


_TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    [
        "yes",
        "010",
        "1e3",
        "null",
        "~",
        "",
        "-",
        "---",
        "- a",
        "a: b",
        "a #b",
        "<<",
        "*a",
        "%",
        "@",
        "a:",
    ]
)


@given(_TEXT, st.integers())
def test_every_value_reads_back(text: str, number: int) -> None:
    document = read(Source("a.yaml", shown(entry("a", b=text, c=number, d=True))))

    assert document.problems == ()
    assert document.root["instances"]["a"] == {"name": "a", "b": text, "c": number, "d": True}


@pytest.mark.parametrize("text", ["10.5", ".inf", "0x1F", "0o17", "true", "+1"])
def test_a_string_that_looks_like_something_else_is_quoted(text: str) -> None:
    assert re.search(rf"""b: ['"]{re.escape(text)}['"]\n""", shown(entry("a", b=text)))


def test_the_effective_manifest_of_the_sample_is_shown(tmp_path: Path) -> None:
    from reconciler.manifest import load

    said = effective_manifest(load([Path(__file__).parents[2] / "instances.yaml"], env={}))

    assert "f93537eb3e8fed66847b5bd" not in said
    assert "  warehouse:\n    name: warehouse\n" in said
