"""Bytes → everything that can be made of a manifest, for the tests that try many of them."""

from functools import cache
from pathlib import Path

from reconciler.manifest.credentials import PartnerTokens
from reconciler.manifest.loading import Manifest, Reading
from reconciler.manifest.problems import Problem
from reconciler.manifest.rules import Rules, load_rules
from reconciler.manifest.source import decode
from reconciler.manifest.writer import effective_manifest
from reconciler.report.ci import as_github, as_gitlab, as_sarif
from reconciler.report.json import problems_json as as_json
from reconciler.report.problems import as_text
from reconciler.secrets import Secret

ENV = {"WEBHOOK_TOKEN": "opensesame-token", "DELAY": "1500"}
PARTNER_TOKEN = Secret("partner-token-of-the-tests")


@cache
def rules() -> Rules:
    """The schema, taken apart once for all tests."""
    return load_rules()


def read_bytes(data: bytes, folder: Path = Path()) -> Manifest:
    """Load *data* as a manifest, and render it in every way."""
    run = Reading(rules(), ENV, PartnerTokens(PARTNER_TOKEN), [])
    source = decode("fuzz.yaml", data)
    if isinstance(source, Problem):
        run.problems.append(source)
    else:
        run.add(source, folder)
    manifest = run.manifest(("fuzz.yaml",))
    as_text(manifest.problems, color=True, sources=manifest.sources)
    for render in (as_json, as_github, as_gitlab, as_sarif):
        render(manifest.problems).encode("utf-8")
    effective_manifest(manifest).encode("utf-8")
    return manifest
