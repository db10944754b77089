"""The verdict is the same on every machine: without jsonschema-rs only slower; and without libyaml
there is none, since PyYAML's own parser reads some texts in another way."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.manifest.test_suite import suite

DATA = Path(__file__).parents[1] / "data"

JUDGE = """
import json, os, sys
for name in sys.argv[1:]:
    sys.modules[name] = None  # as where it can't be installed
from pathlib import Path
from reconciler.manifest import load
from reconciler.manifest.reader import read
from reconciler.manifest.source import Source
from reconciler.report.problems import as_text
from reconciler.secrets import Secret

env = json.loads(Path("environment.json").read_text(encoding="utf-8"))
token = Secret(env["GREEN_API_PARTNER_TOKEN"])
said = {}
for kind in ("invalid", "valid"):
    os.chdir(kind)
    for path in sorted(Path().glob("*.yaml")):
        said[f"{kind}/{path.name}"] = as_text(load([path], env=env, partner_token=token).problems)
    os.chdir("..")
for name, text in json.load(sys.stdin).items():
    document = read(Source(name, text))
    said[name] = [repr(document.root), as_text(document.problems)]
print(json.dumps({"said": said, "judge": "jsonschema" in sys.modules}))
"""


def judged(*missing: str, cases: dict[str, str]) -> dict[str, Any]:
    """Return what is said of the corpus and of *cases* without the modules *missing*."""
    done = subprocess.run(
        [sys.executable, "-c", JUDGE, *missing],
        cwd=DATA, input=json.dumps(cases), capture_output=True, text=True, check=True,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def cases() -> dict[str, str]:
    return {name: case["yaml"] for name, case in suite()}


@pytest.fixture(scope="module")
def usual(cases: dict[str, str]) -> dict[str, Any]:
    return judged(cases=cases)


def test_without_jsonschema_rs_all_is_said_alike(
    cases: dict[str, str], usual: dict[str, Any]
) -> None:
    answer = judged("jsonschema_rs", cases=cases)

    assert answer["judge"]
    assert answer["said"] == usual["said"]


@pytest.mark.parametrize("missing", [["yaml._yaml"], ["yaml._yaml", "jsonschema_rs"]], ids=len)
def test_without_libyaml_nothing_is_read_at_all(
    missing: list[str], cases: dict[str, str], usual: dict[str, Any]
) -> None:
    said = judged(*missing, cases=cases)["said"]

    changed = {name: text for name, text in said.items() if text != usual["said"][name]}
    assert set(cases) <= set(changed)
    assert all("PyYAML is installed without libyaml" in str(text) for text in changed.values())
