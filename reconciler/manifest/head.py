"""What a manifest says beside its parameters: version, defaults, instances, state."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reconciler.manifest.document import PlacedDict, PlacedList
from reconciler.manifest.explain import HUSHED, explain
from reconciler.manifest.findings import Findings
from reconciler.manifest.quoting import is_short, nearest, sized
from reconciler.manifest.rules import Rules


@dataclass(frozen=True, slots=True)
class Head:
    """The parts of a manifest, each of its type; what is not was told."""

    defaults: PlacedDict
    instances: PlacedDict
    recipients: tuple[str, ...]


def read_head(root: Any, rules: Rules, findings: Findings) -> Head:
    """Return the parts of the manifest *root*."""
    if not isinstance(root, PlacedDict):
        _not_a_manifest(root, findings)
        return Head(PlacedDict(), PlacedDict(), ())
    # The entries are judged by themselves: here they would only take time.
    light = {key: {} if key in ("defaults", "instances") else value for key, value in root.items()}
    if not rules.head.is_valid(light):
        for error in rules.head.errors(root):
            _tell(root, error, rules, findings)
    return Head(
        defaults=_mapping(root, "defaults", findings),
        instances=_mapping(root, "instances", findings),
        recipients=_recipients(root),
    )


def _not_a_manifest(root: Any, findings: Findings) -> None:
    mark = findings.document.root_mark
    hint = "'reconciler init' writes a first one"
    if root is None:
        findings.say(mark, "", "empty", "the manifest is empty", hint)
        return
    said = f"a manifest is a mapping with version and instances, not {_kind(root)}"
    findings.say(mark, "", "type", said, hint)


def _mapping(root: PlacedDict, key: str, findings: Findings) -> PlacedDict:
    value = root.get(key)
    if isinstance(value, PlacedDict):
        return value
    if value is None and key == "instances" and key in root:
        findings.say(
            root.key_mark(key),
            key,
            "type",
            f"nothing stands below {key}",
            f"indent the entries below it, or write {key}: {{}} if none is wanted",
        )
    elif value is not None:
        hint = (
            "write each entry as a key with its parameters below, without dashes"
            if key == "instances"
            else "write name: value below it"
        )
        findings.say(
            root.value_mark(key), key, "type", f"expected a mapping, not {_kind(value)}", hint
        )
    return PlacedDict()


def _kind(value: Any) -> str:
    return "a list" if isinstance(value, list) else "a single value"


def _recipients(root: PlacedDict) -> tuple[str, ...]:
    state = root.get("state")
    listed = state.get("recipients") if isinstance(state, dict) else None
    return tuple(filter(_is_text, listed)) if isinstance(listed, list) else ()


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _tell(root: PlacedDict, error: Any, rules: Rules, findings: Findings) -> None:
    """Tell at its place what jsonschema found."""
    path = list(error.absolute_path)
    match str(error.validator):
        case "required":
            for key in error.validator_value:
                if key not in error.instance:
                    _missing(key, _mark(root, path) if path else None, findings)
        case "additionalProperties":
            for key in error.instance:
                if key not in error.schema["properties"] and not key.startswith("x-"):
                    _unknown(error.instance, key, path, error.schema["properties"], rules, findings)
        case "uniqueItems":
            _twice(error.instance, ".".join(map(str, path)), findings)
        case "type" if "object" in error.validator_value:
            _no_mapping(root, error, path, findings)
        case "type" if "array" in error.validator_value:
            findings.say(
                _mark(root, path), ".".join(map(str, path)), "type", "expected a list",
                "write - age1… below it",
            )  # fmt: skip
        case _:
            _refused(root, error, path, findings)


def _no_mapping(root: PlacedDict, error: Any, path: list[str | int], findings: Findings) -> None:
    if len(path) == 1:
        _mapping(root, str(path[0]), findings)
        return
    said = f"expected a mapping, not {_kind(error.instance)}"
    hint = f"the keys here are {', '.join(error.schema['properties'])}"
    findings.say(_mark(root, path), ".".join(map(str, path)), "type", said, hint)


def _missing(key: str, mark: int | None, findings: Findings) -> None:
    if mark is not None:
        findings.say(mark, "", "required", f"{key} is missing")
        return
    hint = {
        "version": "begin the file with version: 1",
        "instances": "put the entries below instances:, indented",
    }.get(key)
    findings.say(findings.document.root_mark, "", "required", f"{key} is missing", hint)


def _unknown(
    mapping: PlacedDict,
    key: str,
    path: list[str | int],
    known: Iterable[str],
    rules: Rules,
    findings: Findings,
) -> None:
    meant = nearest(key, known)
    hint = f"did you mean {meant}?" if meant else f"the keys here are {', '.join(known)}"
    if key in rules.parameters:
        hint = "parameters stand below the key of an entry, or below defaults"
    elif not path and not meant and (mapping[key] is None or isinstance(mapping[key], dict)):
        hint = "if it is an entry, indent it below instances"
    sure = meant or key in rules.parameters or is_short(key)
    said = f'unknown key "{key}"' if sure else sized("unknown key", key)
    findings.say(mapping.key_mark(key), ".".join(map(str, path)), "unknown-key", said, hint)


def _twice(listed: PlacedList, subject: str, findings: Findings) -> None:
    seen: set[str] = set()
    for position, (value, mark) in enumerate(zip(listed, listed.marks, strict=True)):
        if isinstance(value, str) and value in seen:
            said = "this recipient is listed twice"
            findings.say(mark, f"{subject}[{position}]", "uniqueItems", said)
        elif isinstance(value, str):
            seen.add(value)


def _refused(root: PlacedDict, error: Any, path: list[str | int], findings: Findings) -> None:
    mark = _mark(root, path)
    in_list = isinstance(path[-1], int)
    subject = ".".join(map(str, path[:-1] if in_list else path))
    subject += f"[{path[-1]}]" if in_list else ""
    # An item of a list is never shown: what stands here by mistake may be the private key.
    # Nor is what should be a reference to the partner token.
    hushed = in_list or path[-1] == "token"
    shown = HUSHED if hushed else findings.typed(mark, error.instance)
    reason = explain(error, shown)
    findings.say(mark, subject, reason.rule, reason.message, reason.hint)


def _mark(root: PlacedDict, path: list[str | int]) -> int:
    """Return where the value at *path* stands."""
    box: Any = root
    for step in path[:-1]:
        box = box[step]
    last: Any = path[-1]
    return int(box.marks[last] if isinstance(box, PlacedList) else box.value_mark(last))
