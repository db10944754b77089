"""The texts of manifests as a report may show them: secrets masked, columns kept before them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from reconciler.manifest.credentials import PartnerTokens
from reconciler.manifest.problems import Problem
from reconciler.manifest.source import Source
from reconciler.secrets import MASK, Secret

# A key that sounds like a secret counts as one: it may be a misspelt parameter.
_SOUNDS: Final = ("token", "secret", "passw")
_LONGEST: Final = 1000  # characters of a line that is worth showing
_UNKNOWN: Final = frozenset({"unknown-parameter", "unaccepted-parameter", "unknown-key"})


@dataclass(frozen=True)
class Excerpts(Mapping[str, str]):
    """The text of each file that has a problem, by path. Masked when it is asked for: most
    reports show no excerpt.
    """

    texts: Mapping[str, Source]
    problems: Sequence[Problem] = field(repr=False)
    secrets: Sequence[Secret] = field(repr=False)
    secret_names: frozenset[str]
    tokens: PartnerTokens

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __getitem__(self, path: str) -> str:
        text = self.texts[path].text
        for secret in sorted((s.reveal() for s in self.secrets), key=len, reverse=True):
            if len(secret) >= 4 and "\n" not in secret:
                text = text.replace(secret, MASK)
        lines = _without_values(_lines(self.tokens.mask(text, MASK)), self.secret_names)
        for problem in self.problems:
            if problem.rule in _UNKNOWN and problem.place.path == path:
                line = problem.place.line - 1
                key = problem.place.column - 1 + problem.length
                lines[line] = lines[line][:key] + re.sub(r"(?<=:).+", f" {MASK}", lines[line][key:])
        return "\n".join(lines)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _without_values(lines: list[str], secret_names: frozenset[str]) -> list[str]:
    """Mask what follows a secret's key: on its line, and on deeper lines below it."""
    needles = (*_SOUNDS, *(name.lower() for name in secret_names))
    names = "|".join((*map(re.escape, secret_names), rf"[\w.-]*(?:{'|'.join(_SOUNDS)})[\w.-]*"))
    key = re.compile(rf"""(?i:.*?["']?(?:{names})["']?[ \t]*:)(?=\s|$)(?P<value>.*)""")
    shown: list[str] = []
    deeper_than: int | None = None
    for line in lines:
        if deeper_than is not None and (not line.strip() or _indent(line) > deeper_than):
            shown.append(line[: _indent(line)] + (MASK if line.strip() else ""))
            continue
        deeper_than = None
        if len(line) > _LONGEST:
            shown.append(MASK)
            continue
        lowered = line.lower()
        if any(needle in lowered for needle in needles) and (found := key.match(line)):
            deeper_than = _indent(line)
            value = found["value"].strip()
            if value and not value.startswith(("*", "${")):
                line = f"{line[: found.start('value')]} {MASK}"  # noqa: PLW2901 - what may be shown
        shown.append(line)
    return shown


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
