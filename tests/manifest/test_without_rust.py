"""Where jsonschema-rs has no wheel, jsonschema gives the same verdicts in the same words."""

import json
import subprocess
import sys
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"

JUDGE = """
import json, os, sys
sys.modules["jsonschema_rs"] = None  # as where it can't be installed
from pathlib import Path
from reconciler.manifest import load
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
print(json.dumps({"said": said, "judge": "jsonschema" in sys.modules}))
"""


def test_the_whole_corpus_is_judged_alike() -> None:
    done = subprocess.run(
        [sys.executable, "-c", JUDGE], cwd=DATA, capture_output=True, text=True, check=True
    )

    answer = json.loads(done.stdout)
    assert answer["judge"]
    wrong = {
        name: text
        for name, text in answer["said"].items()
        for kept in [DATA / Path(name).with_suffix(".txt")]
        if text != (kept.read_text(encoding="utf-8") if name.startswith("invalid") else "")
    }
    assert wrong == {}
