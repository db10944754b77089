"""Holds the entries of a file to the schema, and says at its place what is refused, and why.

Nearly every file passes in one call. Only where that fails are entries judged one by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from reconciler.manifest.document import PlacedDict
from reconciler.manifest.entries import Entries, Values
from reconciler.manifest.explain import HUSHED, explain
from reconciler.manifest.problems import Severity
from reconciler.manifest.quoting import show_reference, sized
from reconciler.manifest.rules import Advice, Parameter, Rules
from reconciler.manifest.values import ValueReader

_BATCH: Final = 16


def check(entries: Entries, settler: ValueReader) -> None:
    """Tell of everything that the schema refuses or advises against, warnings included."""
    clean = settler.rules.clean
    bench = _Judge(entries, settler, settler.rules)
    bench.defaults()
    for batch in _batches(entries.values):
        if not clean.is_valid(batch):
            for key, values in batch.items():
                if not clean.is_valid({key: values}):
                    bench.entry(key, values)


def _batches(values: dict[str, Values]) -> Iterator[dict[str, Values]]:
    """Cut *values* up: where little is wrong, most entries are passed a batch at a time."""
    rows = iter(values.items())
    while batch := dict(islice(rows, _BATCH)):
        yield batch


@dataclass(slots=True)
class _Judge:
    entries: Entries
    settler: ValueReader
    rules: Rules
    settled: set[str] = field(default_factory=set)  # defaults that need no word for each entry

    def defaults(self) -> None:
        """Judge the defaults alone: those that no entry takes are wrong, too."""
        layer = self.entries.defaults
        for name, value in layer.values.items():
            if value is None or name in layer.broken:
                continue
            fine = self._parameter(None, name, value)
            parameter = self.rules.parameters.get(name)
            if parameter is None or (fine and not parameter.advice):
                self.settled.add(name)

    def entry(self, key: str, values: Values) -> None:
        self._key(key)
        broken = self.entries.broken.get(key, frozenset())
        own = self.entries.instances[key] or {}
        refused = {
            name
            for name, value in values.items()
            if name in broken
            or ((name in own or name not in self.settled) and not self._parameter(key, name, value))
        }
        sets = values.keys() - {"name"} - self.rules.uncreated
        if not sets and not broken and not self.entries.document.problems:
            mark = self.entries.instances.key_mark(key)
            empty, subject = self.rules.empty, self.rules.subject(key)
            self.settler.findings.say(mark, subject, "empty-entry", empty["say"], empty["hint"])
        for item in self.rules.advice:
            if item.at not in refused and self.rules.validator(item.when).is_valid(values):
                self._advise(key, item)

    def _key(self, key: str) -> None:
        if self.rules.is_key(key):
            return
        error = next(self.rules.validator(self.rules.key).errors(key))
        reason = explain(error, sized("this text", key))
        mark = self.entries.instances.key_mark(key)
        self.settler.findings.say(mark, "instances", "key", reason.message, reason.hint)

    def _parameter(self, key: str | None, name: str, value: Any) -> bool:
        """Judge what entry *key*, or the defaults, set *name* to; return whether it may stay."""
        mapping, owner, shared = self._origin(key, name)
        parameter = self.rules.parameters.get(name)
        if parameter is None:
            self.settler.unknown(mapping, name, owner, self._named(key), shared=shared)
            return False
        judge = self.rules.judge(name)
        if judge.is_valid(value):
            for item in parameter.advice:
                if self.rules.validator(item.when).is_valid(value):
                    self._advise(key, item)
            return True
        mark = mapping.value_mark(name)
        error = next(judge.errors(value))
        reason = explain(error, self._shown(key, parameter, value, mark), parameter)
        self.settler.findings.say(
            mark, self.rules.subject(owner, name), reason.rule, reason.message, reason.hint,
            entry=self._named(key), shared=shared,
        )  # fmt: skip
        return False

    def _advise(self, key: str | None, item: Advice) -> None:
        mapping, owner, shared = self._origin(key, item.at)
        self.settler.findings.say(
            mapping.value_mark(item.at),
            self.rules.subject(owner, item.at),
            item.rule,
            item.say,
            item.hint,
            severity=Severity.WARNING,
            entry=self._named(key),
            shared=shared,
        )

    def _origin(self, key: str | None, name: str) -> tuple[PlacedDict, str, bool]:
        """Return the mapping that sets *name*, what to call it, and whether others share it."""
        own = self.entries.instances[key] if key is not None else None
        if key is not None and isinstance(own, PlacedDict) and name in own:
            return own, key, False
        return self.entries.raw_defaults, "defaults", True

    def _named(self, key: str | None) -> str | None:
        """Return *key* if it may be told: one that no entry can have may be a secret."""
        return key if key is not None and self.rules.is_key(key) else None

    def _shown(self, key: str | None, parameter: Parameter, value: Any, mark: int) -> str | None:
        """Return what to call *value*: never itself where it is secret."""
        typed = self.entries.typed.get(key, {}) if key is not None else self.entries.defaults.typed
        if parameter.name in typed:
            return show_reference(typed[parameter.name])
        if parameter.secret:
            return HUSHED
        return self.settler.findings.typed(mark, value)
