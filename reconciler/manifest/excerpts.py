"""The texts of manifests as a report may show them: only what is certainly no secret.

Every other character becomes an asterisk, so that the columns stay what they are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.manifest.rules import Rules
from reconciler.manifest.source import Source

_SIGNS: Final = r"\s{}\[\],:\-#?'\"|>"
_HIDDEN: Final = re.compile(rf"[^{_SIGNS}]")
_REFERENCE: Final = re.compile(r"\$\{env:[A-Z][A-Z0-9_]*\}")
# A key with its colon, and a value that is the whole of it and can't be a secret.
_PAIR: Final = re.compile(
    r"""(?<![^\s{\[,'"-])(?P<name>[A-Za-z0-9<][\w.<-]*)["']?[ \t]*:
    (?=[\s,}\]]|\Z)
    (?:[ \t]+(?P<value>-?[0-9]{1,7}|yes|no|true|false|null)(?=[ \t]*(?:[,}\]]|[ \t]\#|\Z)))?""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Excerpts(Mapping[str, str]):
    """The text of each file that has a problem, by path. Masked when it is asked for: most
    reports show no excerpt. *entry_keys* are those of valid entries.
    """

    texts: Mapping[str, Source]
    rules: Rules = field(repr=False)
    entry_keys: frozenset[str] = field(repr=False)

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __getitem__(self, path: str) -> str:
        text = self.texts[path].text.replace("\r\n", "\n").replace("\r", "\n")
        return "\n".join(map(self._line, text.split("\n")))

    def _line(self, line: str) -> str:
        shown = _HIDDEN.sub("*", line)
        for start, end in self._spans(line):
            shown = shown[:start] + line[start:end] + shown[end:]
        return shown

    def _spans(self, line: str) -> Iterator[tuple[int, int]]:
        """Yield what may be shown of *line*."""
        for reference in _REFERENCE.finditer(line):
            yield reference.span()
        for pair in _PAIR.finditer(line):
            name = pair["name"]
            if self._is_known(name):
                yield pair.span("name")
                if pair["value"] and name not in self.rules.secret and name not in self.entry_keys:
                    yield pair.span("value")

    def _is_known(self, name: str) -> bool:
        known = name in self.rules.top or self.rules.knows(name) or name in self.entry_keys
        known = known or name in ("<<", "recipients") or name in self.rules.lifecycle
        return known or self.rules.nearest(name) is not None
