"""A secret that slipped in at any byte of any manifest is told nowhere: in no format, no excerpt.

By day every tenth position is tried, by night all are (a minute or two).
"""

import json
from pathlib import Path

import pytest

from reconciler.report.ci import as_github, as_gitlab, as_sarif
from reconciler.report.json import problems_json
from reconciler.report.problems import as_text
from tests.manifest.harness import read_bytes
from tests.nightly import BY_NIGHT

DATA = Path(__file__).parents[1] / "data"
PATHS = sorted([*DATA.glob("invalid/*.yaml"), *DATA.glob("valid/*.yaml")])
STRIDE = 1 if BY_NIGHT else 10
# No key of an entry holds these signs: those that are valid may be told.
CANARY = "C4n=ary+Pw"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_secret_at_any_position_is_told_nowhere(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    data = path.read_bytes()
    start = sum(path.name.encode()) % STRIDE

    leaks = {
        position: said
        for position in range(start, len(data) + 1, STRIDE)
        for said in [told(data[:position] + CANARY.encode() + data[position:])]
        if CANARY in said
    }

    assert leaks == {}


def told(data: bytes) -> str:
    """Return all that is said of a manifest, in every format."""
    manifest = read_bytes(data)
    said = as_text(manifest.problems, color=True, sources=manifest.sources)
    return said + "".join(
        render(manifest.problems) for render in (as_github, as_gitlab, as_sarif, problems_json)
    )


def test_the_canary_would_be_seen() -> None:
    assert CANARY in json.loads(json.dumps(CANARY))
    assert "autoTyping" in told(b"version: 1\ninstances: {a: {autoTyping: 99}}\n")
