"""The first manifest, which `init` writes, and what git must not take."""

from typing import Final

from reconciler.schemas import shipped_text

GITIGNORE_LINES: Final = (
    "# what the reconciler records: it holds the tokens of instances",
    "instances.state.json*",
    ".instances.state.json*",
)
COMMITTED_LINES: Final = (
    "# git keeps the state and its journal, with sealed tokens; these belong to the machine",
    "instances.state.json.lock",
    ".instances.state.json*",
)
_SEALED: Final = """
# git keeps the state: name those who may read its tokens. Jobs need not: they only add to it.
# `age-keygen -o key.txt` makes a key and prints its public half.
# state:
#   recipients:
#     - age1...
"""


def starter(schema_ref: str, *, sealed: bool = False) -> str:
    """Return a commented manifest whose first line points editors at *schema_ref*; with the
    recipients that a committed state needs if *sealed*."""
    text = f"# yaml-language-server: $schema={schema_ref}\n{shipped_text('starter.yaml')}"
    return text + _SEALED if sealed else text


def ignored(*, in_git: bool) -> tuple[str, ...]:
    """Return the lines for .gitignore, where the state is kept *in_git* or is not."""
    return COMMITTED_LINES if in_git else GITIGNORE_LINES
