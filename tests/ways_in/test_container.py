"""The Containerfile. No engine builds it here: hadolint reads it, and its facts are checked."""

import re

from tests.ways_in.checkers import EXAMPLES, check
from tests.ways_in.conftest import ROOT

FILE = EXAMPLES / "container" / "Containerfile"
TEXT = re.sub(r"\\\n\s*", "", FILE.read_text())
LINES = [line.split(maxsplit=1) for line in TEXT.splitlines() if line and line[0] != "#"]


def test_hadolint_has_nothing_to_say() -> None:
    done = check("hadolint", FILE)

    assert (done.code, done.out) == (0, "")


def test_it_runs_as_a_user_without_rights() -> None:
    assert ["USER", "65532:65532"] in LINES
    assert LINES[-2:] == [["ENTRYPOINT", '["reconciler"]'], ["CMD", '["--help"]']]


def test_what_git_ignores_stays_out_of_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()

    assert {".git", ".venv*", "**/*.state.json*", "**/*.state.json.*"} <= set(ignored)
