"""Every broken manifest says exactly what its .txt says; every valid one reads as its .txt reads.

After a change of words: `RECONCILER_WRITE_CORPUS=1 pytest tests/manifest/test_corpus.py`, and read
the difference.
"""

import json
import os
from pathlib import Path

import pytest

from reconciler.manifest import Manifest, load
from reconciler.manifest.rules import load_rules
from reconciler.manifest.writer import effective_manifest
from reconciler.report.problems import as_text
from reconciler.secrets import Secret

DATA = Path(__file__).parents[1] / "data"
ENV = json.loads((DATA / "environment.json").read_text(encoding="utf-8"))
INVALID = sorted(path.name for path in (DATA / "invalid").glob("*.yaml"))
VALID = sorted(path.name for path in (DATA / "valid").glob("*.yaml"))


def loaded(name: str) -> Manifest:
    return load([Path(name)], env=ENV, partner_token=Secret(ENV["GREEN_API_PARTNER_TOKEN"]))


def expected(kind: str, name: str, said: str) -> str:
    path = DATA / kind / Path(name).with_suffix(".txt")
    if os.environ.get("RECONCILER_WRITE_CORPUS"):
        path.write_text(said, encoding="utf-8")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", INVALID)
def test_a_broken_manifest_says_exactly_this(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA / "invalid")

    said = as_text(loaded(name).problems)

    assert said == expected("invalid", name, said)
    assert said != ""


@pytest.mark.parametrize("name", VALID)
def test_a_valid_manifest_reads_exactly_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA / "valid")

    manifest = loaded(name)

    assert as_text(manifest.problems) == ""
    assert effective_manifest(manifest) == expected("valid", name, effective_manifest(manifest))


@pytest.mark.parametrize("name", [name for name in INVALID if not name.startswith("warn-")])
def test_an_error_leaves_no_entries(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA / "invalid")

    manifest = loaded(name)

    assert manifest.errors
    assert manifest.entries == ()


@pytest.mark.parametrize("name", [name for name in INVALID if name.startswith("warn-")])
def test_a_warning_leaves_the_entries_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA / "invalid")

    manifest = loaded(name)

    assert manifest.warnings == manifest.problems
    assert manifest.entries != ()


@pytest.mark.parametrize("name", INVALID)
def test_no_secret_is_told_in_problems_or_excerpts(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(DATA / "invalid")
    secrets = [
        "opensesame",
        "hush-hush",
        "gac.1234567890",
        ENV["GREEN_API_PARTNER_TOKEN"],
        "SECRET-KEY-1",
    ]
    manifest = loaded(name)

    said = as_text(manifest.problems, color=True, sources=manifest.sources)

    assert [secret for secret in secrets if secret in said] == []


def test_every_parameter_is_broken_or_used_somewhere() -> None:
    text = "".join(path.read_text("utf-8", "replace") for path in DATA.glob("*/*.yaml"))

    missing = [name for name in load_rules().parameters if f"{name}:" not in text]

    assert missing == []


def test_every_rule_of_a_parameter_is_broken_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA / "invalid")

    told = {problem.rule for name in INVALID for problem in loaded(name).problems}

    advice = {item.rule for item in load_rules().advice}
    advice |= {item.rule for p in load_rules().parameters.values() for item in p.advice}
    assert told >= advice | {"type", "enum", "minimum", "maximum", "pattern", "key", "empty-entry"}
