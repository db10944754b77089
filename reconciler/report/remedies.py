"""The exact commands that a person may type next."""

import shlex
from collections.abc import Sequence

from reconciler.model import Instance
from reconciler.report.printable import printable, quoted


def command(verb: str, *words: str, options: Sequence[str] = ()) -> str:
    """Return a `reconciler` call, quoted for a shell.

    *options* are those of this run that the next one needs as well (`--state`, `--manifest`).
    """
    return printable(shlex.join(["reconciler", verb, *words, *options]))


def candidate(row: Instance, expected: str) -> str:
    """Return a live instance as a person finds it in the console: id, time, and its name where
    it is not the *expected* one."""
    created = printable(row.time_created[:40]) or "an unknown time"
    text = f"{row.id_instance}  created {created}"
    return text if row.name == expected else f"{text}  named {quoted(row.name, limit=80)}"
