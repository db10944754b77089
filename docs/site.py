"""What the site changes about a page: links that leave docs/ lead into the repository.

A hook of MkDocs (`on_page_markdown`, https://www.mkdocs.org/user-guide/configuration/#hooks).
"""

import re
from typing import Any


def on_page_markdown(markdown: str, *, config: Any, **_: Any) -> str:
    """Return *markdown* with each `../NAME` as a link to the file in the repository."""
    return re.sub(r"\]\(\.\./", f"]({config['repo_url']}/blob/main/", markdown)
