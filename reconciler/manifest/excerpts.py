"""The text of a manifest as a report may show it: secrets masked, columns kept before them."""

import re
from collections.abc import Iterable

from reconciler.manifest.credentials import PartnerTokens
from reconciler.manifest.problems import Problem
from reconciler.manifest.source import Source
from reconciler.secrets import MASK, Secret

# A key that sounds like a secret counts as one: it may be a misspelt parameter.
_SOUNDS_HUSHED = r"[\w.-]*(?:token|secret|passw)[\w.-]*"
_UNKNOWN = frozenset({"unknown-parameter", "unaccepted-parameter", "unknown-key"})


def masked(
    source: Source,
    problems: Iterable[Problem],
    secrets: Iterable[Secret],
    secret_names: Iterable[str],
    tokens: PartnerTokens,
) -> str:
    """Return the text of *source*, line for line, without anything that must not be shown."""
    text = source.text
    for secret in sorted((s.reveal() for s in secrets), key=len, reverse=True):
        if len(secret) >= 4 and "\n" not in secret:
            text = text.replace(secret, MASK)
    lines = _without_values(tokens.mask(text, MASK).splitlines(), secret_names)
    for problem in problems:
        if problem.rule in _UNKNOWN and problem.place.path == source.path:
            line = problem.place.line - 1
            key = problem.place.column - 1 + problem.length
            lines[line] = lines[line][:key] + re.sub(r"(?<=:).+", f" {MASK}", lines[line][key:])
    return "\n".join(lines)


def _without_values(lines: list[str], secret_names: Iterable[str]) -> list[str]:
    """Mask what follows a secret's key: on its line, and on deeper lines below it."""
    names = "|".join((*map(re.escape, secret_names), _SOUNDS_HUSHED))
    key = re.compile(rf"""(?i:.*?["']?(?:{names})["']?[ \t]*:)(?=\s|$)(?P<value>.*)""")
    shown: list[str] = []
    deeper_than: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if deeper_than is not None and (indent > deeper_than or not line.strip()):
            shown.append(line[:indent] + (MASK if line.strip() else ""))
            continue
        found = key.match(line)
        deeper_than = indent if found else None
        value = found["value"] if found else ""
        if found and value.strip() and not value.lstrip().startswith(("*", "${")):
            line = line[: found.start("value")] + " " + MASK  # noqa: PLW2901 - what may be shown
        shown.append(line)
    return shown
