"""What the site adds to the pages: the commands, and the way from docs/ into the repository.

Hooks of MkDocs (https://www.mkdocs.org/user-guide/configuration/#hooks).
"""

import re
from typing import Any

from mkdocs.structure.files import File, Files

from docs.commands import cli_markdown
from docs.faults import faults_markdown
from docs.parameters import parameters_markdown


def on_files(files: Files, *, config: Any) -> Files:
    """Add the pages of commands and of fault scripts: nobody writes down a second time what
    `--help` and a schema say."""
    files.append(File.generated(config, "cli.md", content=cli_markdown()))
    files.append(File.generated(config, "faults.md", content=faults_markdown()))
    return files


def on_page_markdown(markdown: str, *, config: Any, **_: Any) -> str:
    """Return *markdown* with the table of parameters where it belongs, and each `../NAME` as a link
    to the file in the repository."""
    markdown = markdown.replace("<!-- parameters -->", parameters_markdown())
    return re.sub(r"\]\(\.\./", f"]({config['repo_url']}/blob/main/", markdown)
