"""The description on an index page: the README with absolute links. All else is in setup.cfg."""

import re
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).parent
HOME = re.search(r"^url = (.+)$", (HERE / "setup.cfg").read_text(encoding="utf-8"), re.MULTILINE)
README = (HERE / "README.md").read_text(encoding="utf-8")

if HOME is None:
    raise SystemExit("error: setup.cfg lacks its url")
setup(
    long_description=re.sub(r"\]\((?!https?:|#)", f"]({HOME.group(1)}/blob/main/", README),
    long_description_content_type="text/markdown",
)
