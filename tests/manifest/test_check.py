"""What is refused is told at its place: once, however many entries it breaks."""

from pathlib import Path

import pytest

from reconciler.manifest import load
from reconciler.manifest.problems import Problem


def problems(folder: Path, text: str, **env: str) -> list[Problem]:
    path = folder / "a.yaml"
    path.write_text(f"version: 1\n{text}", encoding="utf-8")
    return list(load([path], env=env).problems)


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 100])
def test_a_bad_default_is_told_once_with_all_its_entries(tmp_path: Path, count: int) -> None:
    entries = "".join(f"  shop-{n:03}: {{stateWebhook: yes}}\n" for n in range(count))

    [problem] = problems(tmp_path, f"defaults: {{autoTyping: 99}}\ninstances:\n{entries}")

    assert problem.subject == "defaults.autoTyping"
    assert problem.entries == tuple(f"shop-{n:03}" for n in range(count))


def test_an_entry_that_replaces_a_bad_default_is_not_named(tmp_path: Path) -> None:
    text = "defaults: {autoTyping: 99}\ninstances: {a: {autoTyping: 1}, b: {}}\n"

    assert [item.entries for item in problems(tmp_path, text)] == [("b",)]


def test_an_unknown_default_is_told_once(tmp_path: Path) -> None:
    text = "defaults: {foo: 1}\ninstances: {a: {autoTyping: 1}, b: {autoTyping: 1}}\n"

    assert [(item.subject, item.entries) for item in problems(tmp_path, text)] == [
        ("defaults.foo", ())
    ]


def test_every_parameter_of_an_entry_is_judged(tmp_path: Path) -> None:
    text = "instances:\n  a: {foo: 1, autoTyping: 99, stateWebhook: maybe, webhookUrl: x}\n"

    assert [item.subject for item in problems(tmp_path, text)] == [
        "a.foo",
        "a.autoTyping",
        "a.stateWebhook",
        "a.webhookUrl",
    ]


def test_errors_and_advice_of_one_entry_come_together(tmp_path: Path) -> None:
    text = "instances:\n  a: {autoTyping: 99, webhookUrl: 'http://a.example.com'}\n"

    assert [item.rule for item in problems(tmp_path, text)] == ["maximum", "plain-http"]


def test_advice_counts_what_defaults_bring(tmp_path: Path) -> None:
    text = (
        "defaults: {markIncomingMessagesReadedOnReply: yes}\n"
        "instances: {a: {markIncomingMessagesReaded: true}}\n"
    )

    [problem] = problems(tmp_path, text)

    assert (problem.rule, problem.subject) == ("ignored-parameter", "a.markIncomingMessagesReaded")


def test_advice_on_a_value_from_a_reference_does_not_show_it(tmp_path: Path) -> None:
    text = "instances: {a: {webhookUrl: '${env:URL}'}}\n"

    [problem] = problems(tmp_path, text, URL="http://hidden.example.com/")

    assert problem.rule == "plain-http"
    assert "hidden" not in repr(problem)
