"""Problems in the formats of CI systems: GitHub annotations, GitLab code quality, SARIF."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from reconciler import __version__
from reconciler.manifest.problems import Problem, Severity
from reconciler.model import Place
from reconciler.report.printable import printable

_SARIF: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_GITLAB: Final = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def as_github(problems: Sequence[Problem]) -> str:
    """Render *problems* as workflow commands, one a line."""
    return "".join(f"{_command(problem)}\n" for problem in problems)


def as_gitlab(problems: Sequence[Problem]) -> str:
    """Render *problems* as a code quality report."""
    rows = [
        {
            "description": _sentence(problem),
            "check_name": problem.rule,
            "fingerprint": fingerprint,
            "severity": _GITLAB[problem.severity],
            "location": {
                "path": _relative(problem.place.path),
                "lines": {"begin": problem.place.line},
            },
        }
        for problem, fingerprint in _fingerprinted(problems)
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def as_sarif(problems: Sequence[Problem]) -> str:
    """Render *problems* as a SARIF 2.1.0 log."""
    rules = list(dict.fromkeys(problem.rule for problem in problems))
    run = {
        "tool": {
            "driver": {
                "name": "reconciler",
                "semanticVersion": __version__,
                "rules": [{"id": rule} for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(problem, fingerprint, rules)
            for problem, fingerprint in _fingerprinted(problems)
        ],
    }
    return json.dumps(
        {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False
    )


def _command(problem: Problem) -> str:
    place = problem.place
    properties = {
        "file": _relative(place.path),
        "line": str(place.line),
        "col": str(place.column),
        "endColumn": str(place.column + problem.length),
        "title": problem.rule,
    }
    named = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{problem.severity} {named}::{_data(_sentence(problem))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _sentence(problem: Problem) -> str:
    """Return all that is to be said of *problem* but its place, in up to three lines."""
    lines = [f"{problem.subject}: {problem.message}" if problem.subject else problem.message]
    if problem.entries:
        lines.append(f"taken by: {', '.join(problem.entries[:20])}")
    if problem.hint:
        lines.append(f"hint: {problem.hint}")
    return "\n".join(map(printable, lines))


def _fingerprinted(problems: Sequence[Problem]) -> Iterator[tuple[Problem, str]]:
    """Pair each problem with an identity that lines inserted above it do not change."""
    seen: Counter[str] = Counter()
    for problem in problems:
        parts = (_relative(problem.place.path), problem.rule, problem.subject, problem.message)
        identity = "\0".join(parts)
        seen[identity] += 1
        numbered = f"{identity}\0{seen[identity]}".encode("utf-8", errors="backslashreplace")
        yield problem, hashlib.sha256(numbered).hexdigest()


def _result(problem: Problem, fingerprint: str, rules: list[str]) -> dict[str, Any]:
    related = [{"physicalLocation": _location(place, 0)} for place in problem.also]
    return {
        "ruleId": problem.rule,
        "ruleIndex": rules.index(problem.rule),
        "level": problem.severity.value,
        "message": {"text": _sentence(problem)},
        "locations": [{"physicalLocation": _location(problem.place, problem.length)}],
        **({"relatedLocations": related} if related else {}),
        "partialFingerprints": {"reconciler/v1": fingerprint},
    }


def _location(place: Place, length: int) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column}
    if length:
        region["endColumn"] = place.column + length
    return {"artifactLocation": {"uri": _uri(place.path)}, "region": region}


def _relative(path: str) -> str:
    return PurePath(path).as_posix()


def _uri(path: str) -> str:
    pure = PurePath(path)
    escaped = quote(pure.as_posix().encode("utf-8", errors="surrogateescape"))
    return f"file://{escaped}" if pure.is_absolute() else escaped
