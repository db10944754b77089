"""The manifest of an account that exists already, and what is told of making it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.manifest.writer import as_yaml
from reconciler.report.json import IMPORT
from reconciler.report.rows import Json
from reconciler.report.words import listed, quoted
from reconciler.takeover import LeftOut, Reference, TakenOver, TakeOver, Value

_SHOWN = 3  # keys beside a variable


def manifest_text(made: TakeOver, *, api_url: str) -> str:
    """Return the manifest, as YAML with comments; of secrets it has the variables alone."""
    lines = [f"# What the account at {api_url} has; written by `reconciler import`."]
    lines += [f"# {line}" for line in reference_lines(made)]
    if made.ignored:
        lines.append(f"# Settings that no parameter stands for: {listed(made.ignored, limit=50)}")
    lines.append("version: 1")
    if made.defaults:
        lines.append(_block({"defaults": _plain(made.defaults)}))
    lines.append("instances:" if made.entries else "instances: {}")
    for entry in made.entries:
        lines += _entry(entry)
    if made.left_out:
        lines += ["", "# Left out:"]
        lines += [f"#   {_left_out(each)}" for each in made.left_out]
    return "\n".join(lines) + "\n"


def reference_lines(made: TakeOver) -> Iterator[str]:
    """Yield what must be set in the environment, and for whom; never a value."""
    if made.references:
        yield "To be set before these values can be compared or sent:"
    for variable, (_, keys) in made.references.items():
        yield f"  {variable}  for {listed(keys, limit=_SHOWN)}"


def import_json(
    made: TakeOver, *, text: str | None, file: str | None, recorded: int, api_url: str, code: int
) -> str:
    """Return as JSON what was made; *text* is the manifest where it went into no *file*."""
    unread = [each for each in made.left_out if each.failed]
    document: Json = {"format": IMPORT}
    if code:
        hint = "`leftOut` says why; run it again later"
        message = f"{len(unread)} of the account's instances could not be read"
        document["error"] = {"code": code, "message": message, "hint": hint}
    document |= {
        "apiUrl": api_url,
        "file": file,
        "manifest": text,
        "counts": {
            "entries": len(made.entries),
            "recorded": recorded,
            "leftOut": len(made.left_out),
            "unread": len(unread),
        },
        "variables": [
            {"name": variable, "entries": list(keys)}
            for variable, (_, keys) in made.references.items()
        ],
        "ignored": list(made.ignored),
        "instances": [
            {
                "key": entry.key,
                "idInstance": entry.instance.id_instance,
                "name": entry.instance.name,
            }
            for entry in made.entries
        ],
        "leftOut": [
            {
                "idInstance": each.instance.id_instance,
                "name": each.instance.name,
                "reason": each.reason,
            }
            for each in made.left_out
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _entry(entry: TakenOver) -> Iterator[str]:
    called = quoted(entry.instance.name, limit=80)
    if entry.label:
        yield f"  # {entry.instance.id_instance}, {called} in the console"
    named = {} if entry.name is None else {"name": entry.name}
    block = _block({entry.key: {**named, **_plain(entry.values)}})
    yield "\n".join("  " + line for line in block.splitlines())


def _plain(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: _written(value) for name, value in values.items()}


def _written(value: Value) -> Any:
    if isinstance(value, Reference):
        return f"${{env:{value.variable}}}"
    return value.replace("$", "$$") if isinstance(value, str) else value


def _block(content: Mapping[str, Any]) -> str:
    """Return *content* as YAML; yes and no stand there as people write them."""
    return _QUOTED.sub(r"\1", as_yaml(content).rstrip("\n"))


_QUOTED = re.compile(r"(?<=: )'(yes|no)'$", re.MULTILINE)


def _left_out(each: LeftOut) -> str:
    row = each.instance
    return f"{row.id_instance} {quoted(row.name, limit=80)}: {each.reason}"
