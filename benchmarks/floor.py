"""The least that reading a manifest and a state costs in Python: libyaml's events, and `json`.

python floor.py MANIFEST STATE
"""

import json
import sys
from pathlib import Path

from yaml.cyaml import CParser  # type: ignore[attr-defined]  # where PyYAML puts it

next_event = CParser(Path(sys.argv[1]).read_text(encoding="utf-8")).get_event
while next_event() is not None:
    pass
json.loads(Path(sys.argv[2]).read_bytes())
