"""The top of a manifest; the corpus holds the words."""

from pathlib import Path

import pytest

from reconciler.manifest import load

KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
SSH = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8mWzzTz3z4h0mE7kTn0V9x1XyZ0b5yKcQmJvJp0abc me@here"


def rules(folder: Path, text: str) -> list[str]:
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return [problem.rule for problem in load([path], env={}).problems]


@pytest.mark.parametrize(
    "state",
    ["", " null", " {}", " {recipients: null}", f" {{recipients: [{KEY}, '{SSH}']}}"],
)
def test_a_state_block_may_be_empty_or_name_recipients(tmp_path: Path, state: str) -> None:
    assert rules(tmp_path, f"version: 1\nstate:{state}\ninstances: {{}}\n") == []


@pytest.mark.parametrize(
    ("state", "rule"),
    [
        (f"{{recipients: [{KEY}, {KEY}]}}", "uniqueItems"),
        ("{recipients: [age1short]}", "pattern"),
        ("{recipients: [[x]]}", "type"),
        ("{recipients: {a: b}}", "type"),
        ("{recipient: x}", "unknown-key"),
        ("[x]", "type"),
    ],
)
def test_what_is_wrong_in_the_state_block_is_told(tmp_path: Path, state: str, rule: str) -> None:
    assert rules(tmp_path, f"version: 1\nstate: {state}\ninstances: {{}}\n") == [rule]


@pytest.mark.parametrize("defaults", ["", " null", " {}"])
def test_defaults_may_be_empty(tmp_path: Path, defaults: str) -> None:
    text = f"version: 1\ndefaults:{defaults}\ninstances: {{a: {{autoTyping: 1}}}}\n"

    assert rules(tmp_path, text) == []


def test_keys_that_begin_with_x_hold_anything(tmp_path: Path) -> None:
    text = "version: 1\nx-a: [1, {b: null}]\nx-: 2\ninstances: {a: {autoTyping: 1}}\n"

    assert rules(tmp_path, text) == []


def test_all_that_is_wrong_at_the_top_is_told_together(tmp_path: Path) -> None:
    text = "version: 3\nfoo: 1\nstate: {bar: 1}\ndefaults: []\ninstances: []\n"

    assert rules(tmp_path, text) == ["enum", "unknown-key", "unknown-key", "type", "type"]
