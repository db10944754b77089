"""Reads a fault script from a file, YAML or JSON: the manifest's own reader takes both."""

from pathlib import Path

from reconciler.errors import UsageError
from reconciler.manifest.document import Document
from reconciler.manifest.problems import Problem, Severity
from reconciler.manifest.reader import read
from reconciler.manifest.source import decode
from reconciler.sandbox.rules import Rule
from reconciler.sandbox.script_reader import ScriptError, read_script


def read_script_file(path: Path) -> tuple[Rule, ...]:
    """Return the rules of the file; raises `UsageError` with the place of what is wrong."""
    try:
        source = decode(str(path), path.read_bytes())
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"{path}: can't be read: {why}") from error
    if isinstance(source, Problem):
        raise _usage(source)
    document = read(source)
    for problem in document.problems:
        if problem.severity is Severity.ERROR:
            raise _usage(problem)
    try:
        return read_script(document.root)
    except ScriptError as error:
        place = source.place(_mark(document, error.rule))
        message = f"{place}: error: {error}"
        raise UsageError(message, hint="docs/sandbox.md lists the rules") from error


def _mark(document: Document, rule: int | None) -> int:
    return document.root_mark if rule is None else document.root.marks[rule - 1]


def _usage(problem: Problem) -> UsageError:
    return UsageError(f"{problem.place}: error: {problem.message}", hint=problem.hint)
