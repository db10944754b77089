"""The site's page of fault scripts, made of their schema: what an editor shows, on one page."""

from collections.abc import Iterable
from typing import Final

from reconciler.schemas import shipped_schema

HEAD: Final = """\
# Fault scripts

What a rule for [the sandbox](sandbox.md#faults) may say. Only `on` must be there.
"""


def faults_markdown() -> str:
    """Return the page."""
    definitions = shipped_schema("faults")["definitions"]
    words = definitions["rule"]["properties"]
    answers = zip(words["do"]["enum"], words["do"]["enumDescriptions"], strict=True)
    hands = definitions["hands"]["items"]["anyOf"]
    return "\n".join(
        [
            HEAD,
            _table("field", ((name, word["description"]) for name, word in words.items())),
            "## What the client sees\n",
            _table("do", ((name, said) for name, said in answers if name)),
            "## What somebody else does\n",
            _table(
                "hand", ((", ".join(hand["properties"]), hand["description"]) for hand in hands)
            ),
        ]
    )


def _table(head: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| `{name}` | {_cell(text)} |" for name, text in rows]
    return "\n".join([f"| {head} | |", "| --- | --- |", *lines, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("&", "&amp;")
