"""Problems of a manifest as compilers show them: place, what is wrong, what to do."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from reconciler.manifest.problems import Problem, Severity
from reconciler.report.words import printable

_BOLD: Final = "1"
_QUIET: Final = "2"
_COLORS: Final = {Severity.ERROR: "31;1", Severity.WARNING: "33;1", Severity.NOTE: "36"}
_NAMED: Final = 5  # entries that are named before the rest is counted
_WINDOW: Final = 100  # characters of a line that an excerpt shows


def as_text(
    problems: Sequence[Problem], *, color: bool = False, sources: Mapping[str, str] | None = None
) -> str:
    """Render *problems* as compilers do, each ended by a line break.

    *sources* are the texts of the files, by path, from which excerpts are shown; they are shown
    as they are, so secrets must have been masked in them (`Manifest.sources`).
    """
    asked = sources or {}
    shown = {path: _lines(asked[path]) for path in {p.place.path for p in problems} & set(asked)}
    return "".join(_one(problem, color=color, sources=shown) for problem in problems)


def _one(problem: Problem, *, color: bool, sources: Mapping[str, Sequence[str]]) -> str:
    def paint(code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if color else text

    subject = f"{printable(problem.subject)}: " if problem.subject else ""
    severity = paint(_COLORS[problem.severity], f"{problem.severity}:")
    place = paint(_BOLD, f"{printable(str(problem.place))}:")
    lines = [f"{place} {severity} {subject}{printable(problem.message)}"]
    if problem.place.path in sources:
        line, margin, carets = _excerpt(problem, sources[problem.place.path])
        lines += [line, margin + paint(_COLORS[problem.severity], carets)] if carets else []
    notes = [f"see also: {', '.join(map(str, problem.also))}"] if problem.also else []
    if problem.entries:
        notes.append(f"taken by: {_listed(problem.entries)}")
    if problem.hint:
        notes.append(f"hint: {problem.hint}")
    lines += [f"  {paint(_QUIET, printable(note))}" for note in notes]
    return "\n".join(lines) + "\n"


def _listed(entries: Sequence[str]) -> str:
    named = ", ".join(entries[:_NAMED])
    more = len(entries) - _NAMED
    return f"{named} and {more} more" if more > 0 else named


def _excerpt(problem: Problem, source: Sequence[str]) -> tuple[str, str, str]:
    """Return the line of *problem*, and the margin and the carets below it.

    All are empty where there is nothing to point at.
    """
    number = problem.place.line
    text = source[number - 1] if number <= len(source) else ""
    if not text.strip():
        return "", "", ""
    start = problem.place.column - 1
    shift = max(0, start - _WINDOW // 2)
    before = printable(text[shift:start].replace("\t", " "))
    after = printable(text[start : shift + _WINDOW].replace("\t", " "))
    span = max(1, min(problem.length, _width(after)))
    margin = f"  {' ' * len(str(number))} | {' ' * _width(before)}"
    return f"  {number} | {before}{after}".rstrip(), margin, "^" * span


def _lines(source: str) -> list[str]:
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _width(text: str) -> int:
    """Count the columns that a terminal takes for *text*."""
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )
