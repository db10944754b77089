"""Entries take their defaults, and keep the order and the places of the manifest."""

from pathlib import Path

from reconciler.manifest import load


def test_entries_come_in_the_order_of_the_file_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "version: 1\ninstances:\n  z: {autoTyping: 1}\n\n  a:\n    autoTyping: 2\n",
        encoding="utf-8",
    )

    entries = load([path], env={}).entries

    assert [(entry.key, str(entry.place)) for entry in entries] == [
        ("z", f"{path}:3:3"),
        ("a", f"{path}:5:3"),
    ]


def test_parameters_come_in_the_order_of_defaults_then_entry(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "version: 1\ndefaults: {stateWebhook: yes, autoTyping: 1}\n"
        "instances: {a: {incomingWebhook: yes, autoTyping: 2}}\n",
        encoding="utf-8",
    )

    [entry] = load([path], env={}).entries

    assert list(entry.parameters.items()) == [
        ("stateWebhook", "yes"),
        ("autoTyping", 2),
        ("incomingWebhook", "yes"),
    ]


def test_a_whole_entry_may_be_an_alias(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "version: 1\ninstances:\n  a: &a {autoTyping: 1}\n  b: *a\n  <<: {c: *a}\n",
        encoding="utf-8",
    )

    manifest = load([path], env={})

    assert manifest.problems == ()
    assert sorted(entry.key for entry in manifest.entries) == ["a", "b", "c"]


def test_a_default_name_is_refused_and_nothing_else_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "version: 1\ndefaults: {name: N, autoTyping: 99}\ninstances: {a: {}}\n", encoding="utf-8"
    )

    problems = load([path], env={}).problems

    assert [(item.rule, item.place.column) for item in problems] == [
        ("name-in-defaults", 12),
        ("maximum", 33),
    ]
