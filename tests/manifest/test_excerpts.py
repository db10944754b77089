"""What a report may show of a manifest: every line and column, and no secret."""

from pathlib import Path

import pytest

from reconciler.manifest import load
from reconciler.secrets import Secret

TOP = "version: 2\ninstances:\n  a:\n"


def shown(folder: Path, text: str, **env: str) -> str:
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    manifest = load([path], env=env, partner_token=Secret("my-partner-token"))
    assert manifest.problems
    return manifest.sources[str(path)]


@pytest.mark.parametrize(
    "lines",
    [
        "    webhookUrlToken: hush-hush\n",
        "    webhookUrlToken: 'hush-hush'  # hush-hush\n",
        '    "webhookUrlToken" : "hush-hush"\n',
        "    ? webhookUrlToken\n    : hush-hush\n",
        "    webhookUrlToken:\n      hush-hush\n",
        "    webhookUrlToken: |\n      one\n\n      hush-hush\n    autoTyping: 1\n",
        "    webhookUrlToken: >-\n      hush-hush\n",
        "    webhookUrlToken: &t hush-hush\n",
        "    webhookUrlToken: [hush-hush]\n",
        "    webhookUrlToken:\n      - hush-hush\n",
        "    {webhookUrlToken: hush-hush}\n",
        "    autoTyping: 1\n  b: {autoTyping: 2, webhookUrlToken: hush-hush, stateWebhook: yes}\n",
        "    webhookToken: hush-hush\n",
        "    webhookurltoken: hush-hush\n",
        "    password: hush-hush\n",
        "    wehbookUrlTkoen: hush-hush\n",
        "    idInstance: hush-hush\n",
        "    autoTyping: my-partner-token\n",
        "    autoTyping: gac.0123456789abcdefhush-hush0\n",
        '    webhookUrlToken: "hush-hush\n',
        "    webhookUrlToken: hush-hush\n\tautoTyping: 1\n",
        "    webhookUrlToken: hush-hush: x\n",
    ],
)
def test_no_secret_is_shown(tmp_path: Path, lines: str) -> None:
    said = shown(tmp_path, TOP + lines)

    assert "hush-hush" not in said
    assert "my-partner-token" not in said
    assert said.count("\n") == (TOP + lines).count("\n")


def test_a_reference_is_shown_as_it_was_typed(tmp_path: Path) -> None:
    text = TOP + "    webhookUrl: https://${env:HOST}/\n    webhookUrlToken: ${env:T}\n"

    said = shown(tmp_path, text, HOST="a.example.com")

    assert "https" not in said
    assert "    webhookUrl: *****:**${env:HOST}*\n    webhookUrlToken: ${env:T}\n" in said


def test_what_is_certainly_no_secret_is_shown(tmp_path: Path) -> None:
    text = TOP + "    autoTyping: 99\r\n    webhook_url: 'x'  # fine\r\n    stateWebhook: yes\r\n"

    assert shown(tmp_path, text) == (
        TOP + "    autoTyping: 99\n    webhook_url: '*'  # ****\n    stateWebhook: yes\n"
    )


def test_a_number_that_is_a_token_is_not_shown(tmp_path: Path) -> None:
    assert "1234567" not in shown(tmp_path, TOP + "    webhookUrlToken: 1234567\n")
