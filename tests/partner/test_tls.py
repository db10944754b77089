"""Certificates are always verified, against what the user names."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.errors import UsageError
from reconciler.partner.client import Partner
from reconciler.partner.tls import build_context

Connect = Callable[..., Partner]


@pytest.mark.parametrize("url", ["https://api.example", "http://localhost"])
def test_every_context_verifies_certificate_and_name(url: str) -> None:
    context = build_context(url, None)

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", None], ids=["environment", "option"])
@pytest.mark.parametrize(
    ("text", "why"), [(None, "no such file"), ("no certificate", "no certificate in it")]
)
def test_a_bundle_that_cannot_be_read_is_told_of_before_any_work(
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str | None,
    text: str | None,
    why: str,
) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    if variable is not None:
        monkeypatch.setenv(variable, str(path))

    with pytest.raises(UsageError, match=why) as refused:
        connect("https://api.example", ca_bundle=None if variable else path)

    assert refused.value.message.startswith(f"{variable or path}: ")


def test_a_log_of_keys_that_cannot_be_written_is_called_by_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "no folder" / "keys"))

    with pytest.raises(UsageError, match=r"^SSLKEYLOGFILE: can't be written: no such file"):
        build_context("https://api.example", None)
