"""The top of a manifest: version, defaults, instances, state."""

from dataclasses import dataclass
from typing import Any

from reconciler.manifest.findings import Findings
from reconciler.manifest.rules import Rules

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Top:
    """The parts of a manifest, each of its type; what is not was told."""

    defaults: Values
    instances: Values
    recipients: tuple[str, ...]


def read_top(root: Any, rules: Rules, findings: Findings) -> Top:
    """Return the parts of the manifest *root*."""
    if not isinstance(root, dict):
        _not_a_manifest(root, findings)
        return Top({}, {}, ())
    head = root if len(root) < 2 else {k: v for k, v in root.items() if k != "defaults"}
    if not rules.head.is_valid({**head, "instances": {}} if "instances" in head else head):
        _explain(root, rules, findings)
    return Top(
        defaults=_mapping(root, "defaults", findings, optional=True),
        instances=_mapping(root, "instances", findings, optional=False),
        recipients=_recipients(root),
    )


def _not_a_manifest(root: Any, findings: Findings) -> None:
    mark = findings.document.root_mark
    if root is None:
        findings.say(
            mark, "", "empty", "the manifest is empty", "'reconciler init' writes a first one"
        )
        return
    kind = "a list" if isinstance(root, list) else "a single value"
    findings.say(
        mark,
        "",
        "type",
        f"a manifest is a mapping with version and instances, not {kind}",
        "'reconciler init' writes a first one",
    )


def _mapping(root: Values, key: str, findings: Findings, *, optional: bool) -> Values:
    value = root.get(key)
    if isinstance(value, dict):
        return value
    if key not in root or (value is None and optional):
        return {}
    mark = findings.document.value_mark(root, key)
    if value is None:
        findings.say(
            findings.document.key_mark(root, key),
            key,
            "type",
            f"nothing stands below {key}",
            f"indent the entries below it, or write {key}: {{}} if none is wanted",
        )
        return {}
    kind = "a list" if isinstance(value, list) else "a single value"
    hint = (
        "write each entry as a key with its parameters below, without dashes"
        if key == "instances"
        else "write name: value below it"
    )
    findings.say(mark, key, "type", f"expected a mapping, not {kind}", hint)
    return {}


def _recipients(root: Values) -> tuple[str, ...]:
    state = root.get("state")
    listed = state.get("recipients") if isinstance(state, dict) else None
    return tuple(filter(_is_text, listed)) if isinstance(listed, list) else ()


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _explain(root: Values, rules: Rules, findings: Findings) -> None:
    for key in root:
        if key not in rules.top and not key.startswith("x-"):
            _unknown(root, key, rules, findings)
    for key in ("version", "instances"):
        if key not in root:
            hint = "begin the file with version: 1" if key == "version" else None
            if key == "instances":
                hint = "put the entries below instances:, indented"
            findings.say(findings.document.root_mark, "", "required", f"{key} is missing", hint)
    if "version" in root:
        _value(root, "version", "version", rules.top["version"], rules, findings)
    if root.get("state") is not None:
        _state(root, rules, findings)


def _unknown(root: Values, key: str, rules: Rules, findings: Findings) -> None:
    from reconciler.manifest.explain import nearest

    mark = findings.document.key_mark(root, key)
    meant = nearest(key, rules.top)
    hint = f"did you mean {meant}?" if meant else f"the keys here are {', '.join(rules.top)}"
    if key in rules.parameters:
        hint = "parameters stand below the key of an entry, or below defaults"
    elif not meant and (root[key] is None or isinstance(root[key], dict)):
        hint = "if it is an entry, indent it below instances"
    findings.say(mark, "", "unknown-key", f'unknown key "{key[:80]}"', hint)


def _value(
    mapping: Values, key: str, subject: str, schema: Values, rules: Rules, findings: Findings
) -> None:
    from reconciler.manifest.explain import explain_value

    value = mapping[key]
    if rules.validator(schema).is_valid(value):
        return
    mark = findings.document.value_mark(mapping, key)
    reason = explain_value(rules, rules.simple(schema), value, findings.typed(mark, value))
    findings.say(mark, subject, reason.rule, reason.message, reason.hint)


def _state(root: Values, rules: Rules, findings: Findings) -> None:
    state = root["state"]
    schema = rules.top["state"]
    if not isinstance(state, dict):
        _mapping(root, "state", findings, optional=True)
        return
    for key in state:
        if key not in schema["properties"]:
            mark = findings.document.key_mark(state, key)
            known = ", ".join(schema["properties"])
            findings.say(
                mark, "state", "unknown-key", f'unknown key "{key[:80]}"', f"known: {known}"
            )
    recipients = state.get("recipients")
    if isinstance(recipients, list):
        _items(recipients, schema["properties"]["recipients"], rules, findings)
    elif recipients is not None:
        mark = findings.document.value_mark(state, "recipients")
        findings.say(mark, "state.recipients", "type", "expected a list", "write - age1… below it")


def _items(listed: list[Any], schema: Values, rules: Rules, findings: Findings) -> None:
    from reconciler.manifest.explain import HUSHED, explain_value

    marks = findings.document.marks[id(listed)]
    seen: set[str] = set()
    for position, (value, mark) in enumerate(zip(listed, marks, strict=True)):
        subject = f"state.recipients[{position}]"
        if isinstance(value, str) and value in seen:
            findings.say(mark, subject, "uniqueItems", "this recipient is listed twice")
            continue
        if isinstance(value, str):
            seen.add(value)
        if not rules.validator(schema["items"]).is_valid(value):
            # Never shown: what stands here by mistake may be the private key.
            reason = explain_value(rules, [schema["items"]], value, HUSHED)
            findings.say(mark, subject, reason.rule, reason.message, reason.hint)
