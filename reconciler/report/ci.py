"""What CI servers read: annotations, outputs, sections of a log, code quality, SARIF."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from reconciler import __version__
from reconciler.manifest.problems import Problem, Severity
from reconciler.model import Place
from reconciler.plan import Plan
from reconciler.report.failure import Failure
from reconciler.report.kinds import ACTIONS, LEFT_ALONE
from reconciler.report.outcomes import result_rows
from reconciler.report.rows import plan_rows
from reconciler.report.summary import (
    failures,
    left_alone,
    pending_age,
    plan_counts,
    unresolved_since,
)
from reconciler.report.words import counted, printable
from reconciler.results import Report
from reconciler.secrets import Secret

SHOWN: Final = 10  # annotations of one level that GitHub shows for a step; the rest is lost
_SARIF: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_GITLAB: Final = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}
_GITHUB: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_DONE: Final = ("created", "renamed", "updated", "deleted", "not_confirmed")
_CLEAR: Final = "\x1b[0K"  # begins and ends a mark of GitLab's; its escape codes are a protocol


# --- GitHub: workflow commands and a step's outputs ------------------------------------------


def annotation(
    level: str, title: str, message: str, place: Place | None = None, length: int = 0
) -> str:
    """Return one workflow command; *level* is `error`, `warning` or `notice`.

    *length* counts the characters that the message is about, from *place* on.
    """
    properties = {}
    if place is not None:
        properties = {"file": _relative(place.path), "line": str(place.line)}
        properties["col"] = str(place.column)
        if length:
            properties["endColumn"] = str(place.column + length)
    properties["title"] = printable(title)
    pairs = ",".join(
        f"{name}={_data(value).replace(':', '%3A').replace(',', '%2C')}"
        for name, value in properties.items()
    )
    text = "\n".join(printable(line) for line in message.splitlines())
    return f"::{level} {pairs}::{_data(text)}"


def as_github(problems: Sequence[Problem]) -> str:
    """Return *problems* as workflow commands, one a line."""
    lines = [
        annotation(_GITHUB[each.severity], each.rule, _sentence(each), each.place, each.length)
        for each in problems
    ]
    return "".join(f"{line}\n" for line in lines)


def annotations(report: Report) -> list[str]:
    """Return a workflow command for each entry that was not recorded, and for missing tokens."""
    rows = list(result_rows(report.results))
    places = {row.key: row.place for row in plan_rows(report.plan.actions)}
    errors = [
        annotation(
            "error",
            f"{row.key} {row.kind.title}",
            f"{row.note}; {row.remedy}",
            places.get(row.key),
        )
        for row in rows
        if row.failed
    ]
    if len(errors) > SHOWN:
        rest = counted(len(errors) - SHOWN + 1, "more entry", "more entries")
        text = f"{rest} not recorded; the job summary lists them"
        errors = [*errors[: SHOWN - 1], annotation("error", "reconciler", text)]
    unknown = sum(row.facts.get("tokenKnown") is False for row in rows)
    if unknown:
        text = f"{counted(unknown, 'instance')} recorded without a token; the next run asks for it"
        errors.append(annotation("warning", "reconciler", text))
    return errors


def plan_outputs(plan: Plan, *, checksum: str | None, now: float) -> dict[str, str]:
    """Return a plan step's outputs; `changes` is `true` when apply would have something to do.

    Without *checksum*, nothing binds an apply to this plan, and there is no such output.
    """
    counts = plan_counts(plan)
    todo = ("create", "rename", "update", "delete", "unresolved", "conflict", "lookalike")
    return {
        "changes": _bool(any(counts[word] for word in todo)),
        **{word: str(counts[word]) for word in todo},
        "pending-age": str(pending_age(unresolved_since(plan), now)),
        **{word: str(number) for word, number in left_alone(plan).items()},
        **({} if checksum is None else {"checksum": checksum}),
    }


def run_outputs(report: Report, *, now: float) -> dict[str, str]:
    """Return an apply step's outputs; `changes` is `true` when the run has done something."""
    recorded = sum(not row.failed for row in result_rows(report.results))
    return {
        "changes": _bool(recorded > 0),
        **{_output(word): str(report.counts[word]) for word in _DONE},
        "failed": str(failures(report)),
        "unresolved": str(report.counts["unresolved"]),
        "pending-age": str(pending_age(unresolved_since(report), now)),
        **{word: str(number) for word, number in left_alone(report.plan).items()},
    }


def failure_outputs(failure: Failure) -> dict[str, str]:
    """Return the outputs of a run that ended early; empty where nobody knows."""
    certain = failure.bought_nothing
    changes, number = ("false", "0") if certain else ("", "")
    left = [ACTIONS[kind].word for kind in LEFT_ALONE]
    unknown = dict.fromkeys(("unresolved", "pending-age", *left), "")
    done = dict.fromkeys(map(_output, (*_DONE, "failed")), number)
    return {"changes": changes, **done, **unknown}


def _output(word: str) -> str:
    return word.replace("_", "-")


def output_lines(outputs: Mapping[str, str]) -> str:
    """Return *outputs* as the file named by GITHUB_OUTPUT takes them."""
    return "".join(f"{name}={printable(value)}\n" for name, value in outputs.items())


def mask(secret: Secret) -> str:
    """Return the workflow command that hides *secret* in the job's log from here on."""
    return f"::add-mask::{_data(secret.reveal())}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _bool(value: bool) -> str:
    return "true" if value else "false"


# --- GitLab: sections of a job's log, code quality -------------------------------------------


def section_start(name: str, title: str, *, at: int) -> str:
    """Return the line that opens the section *name*, folded; *at* is in seconds since 1970."""
    return f"{_CLEAR}section_start:{at}:{_section(name)}[collapsed=true]\r{_CLEAR}{title}"


def section_end(name: str, *, at: int) -> str:
    """Return the line that closes the section *name*."""
    return f"{_CLEAR}section_end:{at}:{_section(name)}\r{_CLEAR}"


def _section(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)


def as_gitlab(problems: Sequence[Problem]) -> str:
    """Return *problems* as a code quality report."""
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


# --- SARIF, for whoever shows findings of many tools -----------------------------------------


def as_sarif(problems: Sequence[Problem]) -> str:
    """Return *problems* as a SARIF 2.1.0 log."""
    rules = list(dict.fromkeys(problem.rule for problem in problems))
    driver = {
        "name": "reconciler",
        "semanticVersion": __version__,
        "rules": [{"id": rule} for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [
            _sarif_result(problem, fingerprint, rules)
            for problem, fingerprint in _fingerprinted(problems)
        ],
    }
    log = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _sarif_result(problem: Problem, fingerprint: str, rules: list[str]) -> dict[str, Any]:
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


def _uri(path: str) -> str:
    pure = PurePath(path)
    escaped = quote(pure.as_posix().encode("utf-8", errors="surrogateescape"))
    return f"file://{escaped}" if pure.is_absolute() else escaped


# --- what all of them share ------------------------------------------------------------------


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


def _relative(path: str) -> str:
    return PurePath(path).as_posix()
