"""docs/logs.md lists the events of the log: every one, with its level and its fields."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler import plan
from reconciler.apply.deletion import DeleteInstance
from reconciler.apply.operations import CreateInstance, UpdateInstance
from reconciler.cli.progress import Standing
from reconciler.logs import LEVELS
from reconciler.results import COUNTED
from tests.command import project
from tests.sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
OPERATIONS = (CreateInstance, UpdateInstance, DeleteInstance)
ACTIONS = [kind.__name__.lower() for kind in plan.Action.__args__]

# What the code unpacks into a call, by its source text.
UNPACKED: Mapping[str, list[str]] = {
    "told": ACTIONS,
    "report.counts": [word.value for word in COUNTED],
    "dict[str, Any](standing.fields())": list(
        Standing(0, 0, 0, 0, 0, 0, 0.0, 0.0, None, "").fields()
    ),
}


@dataclass(frozen=True)
class Event:
    name: str
    levels: frozenset[str]
    fields: frozenset[str]


def test_the_document_lists_what_the_code_tells() -> None:
    assert _documented() == _told()


def test_no_event_is_listed_twice() -> None:
    names = [event.name for event in _rows()]

    assert sorted(names) == sorted(set(names))


def test_a_run_tells_what_is_documented(tmp_path: Path, sandbox: Sandbox) -> None:
    sandbox.faults(
        {"on": "create", "nth": 1, "do": "close"}, {"on": "create", "do": "code", "code": 7}
    )
    shop = project(tmp_path, env=sandbox.env)

    done = shop.run("apply", "--yes", "--concurrency", "1", "--settle", "1", "--log-file", "log")
    shop.run("apply", "--yes", "--max-creates", "0", "--log-file", "log")

    assert done.code == 5, done
    common = {"event", "level", "timestamp", "run_id"}
    documented = {event.name: event for event in _rows()}
    told = {event["event"]: event for event in done.events}
    assert {"run_started", "instance_recovered", "create_rejected", "run_finished"} <= set(told)
    for name, event in told.items():
        assert event["level"] in documented[name].levels
        assert set(event) <= documented[name].fields | common
        assert common <= set(event)
    assert '"event": "run_failed"' in (tmp_path / "log").read_text().splitlines()[-1]


def _documented() -> dict[str, Event]:
    return {event.name: event for event in _rows()}


def _rows() -> list[Event]:
    text = (ROOT / "docs" / "logs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[\w`, ]+`) \| ([a-z, ]+) \| (.*?) \| .* \|$", text, re.MULTILINE)
    assert rows
    return [
        Event(name, frozenset(levels.split(", ")), frozenset(re.findall(r"`(\w+)`", fields)))
        for names, levels, fields in rows
        for name in re.findall(r"`(\w+)`", names)
    ]


def _told() -> dict[str, Event]:
    """Every event that is told, by any level; its fields are those of all calls that tell it."""
    told: dict[str, Event] = {}
    for path in sorted((ROOT / "reconciler").rglob("*.py")):
        for event in _events(ast.parse(path.read_text(encoding="utf-8"))):
            known = told.get(event.name, event)
            told[event.name] = Event(
                event.name, event.levels | known.levels, event.fields | known.fields
            )
    return told


def _events(module: ast.Module) -> Iterator[Event]:
    literals = {
        target.id: [str(key.value) for key in node.value.keys if isinstance(key, ast.Constant)]
        for node in ast.walk(module)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _is_log(node):
            for name in _names(node.args[0]):
                yield Event(name, _levels(node), _fields(node, literals))


def _names(written: ast.expr) -> list[str]:
    """Return what an event is called: as it stands there, or with each verb before it."""
    if isinstance(written, ast.JoinedStr):
        verb, rest = written.values
        assert ast.unparse(verb).strip("f'{}") in {"operation.verb", "result.verb"}
        assert isinstance(rest, ast.Constant)
        return [operation.verb + str(rest.value) for operation in OPERATIONS]
    assert isinstance(written, ast.Constant), ast.unparse(written)
    return [str(written.value)]


def _is_log(call: ast.Call) -> bool:
    """Whether *call* is one of the log: `log.info(…)`, or `ended(…)`, which chooses the level."""
    match call.func:
        case ast.Attribute(attr="ended"):
            return True
        case ast.Attribute(value=called, attr=level) if level in LEVELS:
            return ast.unparse(called).split(".")[-1] in {"log", "_log"}
        case _:
            return False


def _levels(call: ast.Call) -> frozenset[str]:
    """The levels that *call* may have; how a run failed is no error to a console."""
    assert isinstance(call.func, ast.Attribute)
    return frozenset({"error", "info"} if call.func.attr == "ended" else {call.func.attr})


def _fields(call: ast.Call, literals: Mapping[str, list[str]]) -> frozenset[str]:
    fields: set[str] = set()
    for keyword in call.keywords:
        source = ast.unparse(keyword.value)
        if keyword.arg is None:
            fields |= set(literals[source] if source in literals else UNPACKED[source])
        else:
            fields.add(keyword.arg)
    return frozenset(fields)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('log.info("done", key=1)', Event("done", frozenset({"info"}), frozenset({"key"}))),
        (
            'who = {"key": 1}\nself._log.error("odd", **who)',
            Event("odd", frozenset({"error"}), frozenset({"key"})),
        ),
        ('self.ended("over")', Event("over", frozenset({"info", "error"}), frozenset())),
    ],
)
def test_the_reader_of_the_code_reads(source: str, expected: Event) -> None:
    assert list(_events(ast.parse(source))) == [expected]
