"""`lifecycle:` below an entry: what is to become of its instance as the entry changes."""

from typing import Any

from reconciler.manifest.document import PlacedDict
from reconciler.manifest.explain import explain
from reconciler.manifest.findings import Findings
from reconciler.manifest.quoting import is_short, nearest, sized
from reconciler.manifest.rules import LIFECYCLE, Parameter, Rules
from reconciler.model import Lifecycle


def read_lifecycle(own: PlacedDict, key: str, rules: Rules, findings: Findings) -> Lifecycle:
    """Return what the entry *key* says of its lifecycle; what goes wrong is told at its place."""
    said, subject = own[LIFECYCLE], rules.subject(key, LIFECYCLE)
    known = ", ".join(rules.lifecycle)
    if not isinstance(said, PlacedDict):
        kind = {list: "a list", type(None): "nothing"}.get(type(said), "a single value")
        message, hint = f"expected a mapping, not {kind}", f"the keys below it are {known}"
        findings.say(own.value_mark(LIFECYCLE), subject, "type", message, hint)
        return Lifecycle()
    fine: dict[str, Any] = {}
    for name, value in said.items():
        if (parameter := rules.lifecycle.get(name)) is None:
            _unknown(said, name, subject, rules, findings)
        elif _is_right(said, parameter, subject, rules, findings):
            fine[name] = parameter.booleans[value] if isinstance(value, bool) else value
    return Lifecycle(
        fine.get("previously"), fine.get("protect") == "yes", fine.get("unset") == "reset"
    )


def _is_right(
    said: PlacedDict, parameter: Parameter, subject: str, rules: Rules, findings: Findings
) -> bool:
    value, mark = said[parameter.name], said.value_mark(parameter.name)
    subject = f"{subject}.{parameter.name}"
    if value is None:  # who forgot the value of `protect` believes that it protects
        hint = "write a value, or take the line out"
        findings.say(mark, subject, "type", "nothing stands here", hint)
        return False
    judge = rules.validator(parameter.schema)
    if judge.is_valid(value):
        return True
    reason = explain(next(judge.errors(value)), findings.typed(mark, value), parameter)
    findings.say(mark, subject, reason.rule, reason.message, reason.hint)
    return False


def _unknown(said: PlacedDict, name: str, subject: str, rules: Rules, findings: Findings) -> None:
    meant = nearest(name, rules.lifecycle)
    hint = f"did you mean {meant}?" if meant else f"the keys here are {', '.join(rules.lifecycle)}"
    if name in rules.parameters:
        hint = "parameters stand beside lifecycle, below the key of the entry"
    sure = meant or name in rules.parameters or is_short(name)
    message = f'unknown key "{name}"' if sure else sized("unknown key", name)
    findings.say(said.key_mark(name), subject, "unknown-key", message, hint)
