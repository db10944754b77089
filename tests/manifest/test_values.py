"""Layers: references resolved, booleans spelt out, defaults merged."""

from pathlib import Path

import pytest

from reconciler.manifest import Manifest, load
from reconciler.manifest.values import Layer, layered, merge
from reconciler.secrets import Secret


def loaded(folder: Path, text: str, **env: str) -> Manifest:
    path = folder / "a.yaml"
    path.write_text(f"version: 1\n{text}", encoding="utf-8")
    return load([path], env=env)


def test_own_values_win_and_null_takes_away() -> None:
    defaults = Layer({"a": 1, "b": 2, "c": 3})

    assert merge(defaults, Layer({"b": None, "c": 4, "d": 5})) == {"a": 1, "c": 4, "d": 5}


def test_what_an_entry_sets_itself_came_from_no_default() -> None:
    defaults = Layer({"a": "x", "b": "y"}, {"a": "${env:A}", "b": "${env:B}"})
    own = Layer({"b": "plain", "c": "z"}, {"c": "${env:C}"})

    assert layered(defaults.typed, own.typed, own.values) == {"a": "${env:A}", "c": "${env:C}"}


@pytest.mark.parametrize(
    ("name", "typed", "brought", "value"),
    [
        ("delaySendMessagesMilliseconds", "${env:X}", "1000", 1000),
        ("delaySendMessagesMilliseconds", "${env:X}", " 0x3e8\n", 1000),
        ("delaySendMessagesMilliseconds", "${env:X}", "1e3", 1000),
        ("stateWebhook", "${env:X}", "yes", "yes"),
        ("stateWebhook", "${env:X}", "true", "yes"),
        ("stateWebhook", "${env:X}", "False", "no"),
        ("webhookUrlToken", "${env:X}", "12345", "12345"),
        ("webhookUrlToken", "Bearer ${env:X}", "true", "Bearer true"),
        ("webhookUrl", "https://${env:X}:8080/", "a.example.com", "https://a.example.com:8080/"),
    ],
)
def test_a_reference_brings_what_its_parameter_takes(
    tmp_path: Path, name: str, typed: str, brought: str, value: str | int
) -> None:
    url = "webhookUrl: 'https://a.example.com'"
    text = f"defaults: {{{url}}}\ninstances: {{a: {{{name}: '{typed}'}}}}\n"

    manifest = loaded(tmp_path, text, X=brought)

    assert manifest.problems == ()
    assert manifest.entries[0].parameters[name] == Secret(value)


@pytest.mark.parametrize(
    ("typed", "column"),
    [("${env:NO}", 25), ("x ${env:NO}", 27), ("'${env:NO}'", 26), ('"x\\ty ${env:NO}"', 25)],
    ids=["plain", "inside", "quoted", "escaped"],
)
def test_an_undefined_variable_is_told_at_the_reference(
    tmp_path: Path, typed: str, column: int
) -> None:
    manifest = loaded(tmp_path, f"instances:\n  a:\n        webhookUrlToken: {typed}\n")

    assert (manifest.problems[0].place.line, manifest.problems[0].place.column) == (4, column + 1)


def test_a_broken_reference_is_told_once_and_nothing_follows_from_it(tmp_path: Path) -> None:
    manifest = loaded(
        tmp_path,
        "defaults: {webhookUrl: '${env:NO}', webhookUrlToken: x}\ninstances: {a: {}, b: {}}\n",
    )

    assert [problem.rule for problem in manifest.problems] == ["undefined-variable"]


def test_a_default_that_is_taken_away_needs_no_variable_less(tmp_path: Path) -> None:
    manifest = loaded(
        tmp_path,
        "defaults: {webhookUrl: '${env:NO}'}\ninstances: {a: {webhookUrl: null, autoTyping: 1}}\n",
    )

    assert [problem.subject for problem in manifest.problems] == ["defaults.webhookUrl"]
