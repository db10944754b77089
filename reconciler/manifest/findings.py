"""Collects the problems of one file; what breaks many entries at one place is said once."""

from dataclasses import dataclass, field
from typing import Any

from reconciler.manifest.document import Document
from reconciler.manifest.problems import Problem, Severity
from reconciler.manifest.scalars import resolve
from reconciler.model import Place


@dataclass(slots=True)
class _Finding:
    place: Place
    severity: Severity
    subject: str
    message: str
    hint: str | None
    rule: str
    length: int
    shared: bool
    entries: dict[str, None] = field(default_factory=dict)


class Findings:
    """The problems of *document*, by place."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._found: dict[tuple[int, str, str], _Finding] = {}

    def say(
        self,
        mark: int,
        subject: str,
        rule: str,
        message: str,
        hint: str | None = None,
        *,
        severity: Severity = Severity.ERROR,
        entry: str | None = None,
        shared: bool = False,
    ) -> None:
        """Add a problem that breaks *entry*; a *shared* value may break others, too."""
        if not self.again(mark, rule, message, entry):
            source = self.document.source
            known = self._found[mark, rule, message] = _Finding(
                source.place(mark), severity, subject, message, hint, rule,
                len(source.token(mark)) or 1, shared,
            )  # fmt: skip
            if entry is not None:
                known.entries[entry] = None

    def again(self, mark: int, rule: str, message: str, entry: str | None) -> bool:
        """Whether this has been said already; if so, it breaks *entry*, too."""
        known = self._found.get((mark, rule, message))
        if known is not None and entry is not None:
            known.entries[entry] = None
        return known is not None

    def problems(self) -> list[Problem]:
        return [
            Problem(
                place=found.place,
                severity=found.severity,
                subject=found.subject,
                message=found.message,
                hint=found.hint,
                rule=found.rule,
                entries=tuple(found.entries) if found.shared or len(found.entries) > 1 else (),
                length=found.length,
            )
            for found in self._found.values()
        ]

    def typed(self, mark: int, value: Any) -> str | None:
        """Return the plain scalar at *mark* as it was typed, if *value* is what it means."""
        if isinstance(value, str | dict | list):
            return None
        text = self.document.source.token(mark)
        return text if text and resolve(text) == value else None
