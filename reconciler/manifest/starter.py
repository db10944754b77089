"""The first manifest, which `init` writes, and what git must not take."""

from typing import Final

from reconciler.schemas import shipped_text

GITIGNORE_LINES: Final = (
    "# what the reconciler records: it holds the tokens of instances",
    "instances.state.json*",
    ".instances.state.json*",
)


def starter(schema_ref: str) -> str:
    """Return a commented manifest whose first line points editors at *schema_ref*."""
    return f"# yaml-language-server: $schema={schema_ref}\n{shipped_text('starter.yaml')}"
