"""What a manifest must say for the instances that an account has already. Pure.

For an account that has grown nobody writes it by hand: an entry for each instance, with what
differs from the API's defaults; what many have in common is said once, and secrets by reference.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from reconciler.evidence.settings import Told
from reconciler.manifest.rules import Parameter, Rules
from reconciler.model import Account, Desired, Instance, Place, Scalar
from reconciler.secrets import Secret
from reconciler.state.model import State


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that a manifest takes from an environment *variable*, since nobody may read it."""

    variable: str
    value: Secret


Value = Scalar | Reference | None  # None takes a default away


@dataclass(frozen=True, slots=True)
class TakenOver:
    """An entry of the manifest. *name* is written only where it is not the key, *label* says that
    the instance goes by another name in the console. *values* are what the entry itself sets."""

    key: str
    instance: Instance
    values: Mapping[str, Value]
    name: str | None = None
    label: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that gets no entry; *reason* follows its id and name."""

    instance: Instance
    reason: str
    failed: bool = False  # it should have got one


@dataclass(frozen=True, slots=True)
class TakeOver:
    """The whole manifest. *ignored* are settings that no parameter stands for."""

    entries: tuple[TakenOver, ...]
    defaults: Mapping[str, Value]
    left_out: tuple[LeftOut, ...]
    ignored: tuple[str, ...]

    @property
    def references(self) -> Mapping[str, tuple[Reference, tuple[str, ...]]]:
        """Return each variable's reference, and the keys whose entries get its value."""
        found: dict[str, tuple[Reference, tuple[str, ...]]] = {}
        for entry in self.entries:
            for value in self.merged(entry).values():
                if isinstance(value, Reference):
                    keys = found.get(value.variable, (value, ()))[1]
                    found[value.variable] = value, (*keys, entry.key)
        return found

    def merged(self, entry: TakenOver) -> Mapping[str, Value]:
        """Return what *entry* sets, the defaults included that it does not take away."""
        merged = {**self.defaults, **entry.values}
        return {name: value for name, value in merged.items() if value is not None}

    def desired(self, entry: TakenOver) -> Desired:
        """Return *entry* as it is read from the manifest."""
        values = {
            name: value.value if isinstance(value, Reference) else value
            for name, value in self.merged(entry).items()
            if value is not None
        }
        return Desired(entry.key, entry.name or entry.key, values, Place("", 1, 1))


def candidates(account: Account, state: State) -> tuple[list[Instance], list[LeftOut]]:
    """Return the rows that get an entry, the oldest first, and why the others get none."""
    taken: list[Instance] = []
    left_out: list[LeftOut] = []
    for row in sorted(account.instances, key=lambda row: (row.time_created, row.id_instance)):
        reason = _reason(row, state)
        if reason is None:
            taken.append(row)
        else:
            left_out.append(LeftOut(row, reason))
    return taken, left_out


def _reason(row: Instance, state: State) -> str | None:
    if row.deleted:
        return "deleted"
    if row.of_other_plan:
        return "of another plan"
    if row.is_expired:
        return "expired"
    if row.id_instance in state.tombstones:
        return "forgotten by the state; `reconciler adopt` takes it back"
    return None


def take_over(
    rows: Sequence[Instance],
    told: Mapping[int, Told],
    *,
    state: State,
    rules: Rules,
    left_out: Iterable[LeftOut] = (),
) -> TakeOver:
    """Return the manifest for *rows*, of which each has *told* its settings.

    The keys are the same at every call: records keep theirs, and of rows with one name the oldest,
    which comes first, gets the name itself.
    """
    keys = _Keys(state, rules)
    referenced = _References()
    entries = [
        keys.entry(row, referenced.hidden(_chosen(told[row.id_instance], rules))) for row in rows
    ]
    defaults = _common([entry.values for entry in entries])
    ignored = dict.fromkeys(
        name for row in rows for name in told[row.id_instance] if name not in rules.parameters
    )
    return TakeOver(
        tuple(replace(each, values=_own(each, defaults, told, rules)) for each in entries),
        defaults,
        tuple(left_out),
        tuple(sorted(ignored)),
    )


# --- settings --------------------------------------------------------------------------------


def off(parameter: Parameter) -> Scalar | None:
    """Return the value of a parameter that nobody set; None where that has changed over time."""
    if parameter.booleans:
        return "no"
    if parameter.is_number:
        return 0 if parameter.schema.get("minimum", 0) <= 0 else None
    return ""


def _chosen(told: Told, rules: Rules) -> dict[str, Scalar | Secret]:
    """Return what an entry has to say of the settings *told*, in the schema's order."""
    known = {
        name: _normal(parameter, told[name])
        for name, parameter in rules.parameters.items()
        if name in told and name != "name"
    }
    fine = {
        name: value
        for name, value in known.items()
        if rules.judge(name).is_valid(value.reveal() if isinstance(value, Secret) else value)
    }
    creatable = [name for name in fine if not rules.parameters[name].after_creation]
    chosen = {n: value for n, value in fine.items() if value != off(rules.parameters[n])}
    if creatable and chosen.keys().isdisjoint(creatable):
        chosen[creatable[0]] = fine[creatable[0]]  # an entry sets something that a create takes
    return chosen


def _normal(parameter: Parameter, value: Scalar | Secret) -> Scalar | Secret:
    """Return *value* as a manifest has it: servers write some in several ways."""
    if isinstance(value, Secret):
        return value
    if parameter.booleans:
        word = str(value).lower()
        return {"true": "yes", "false": "no"}.get(word, word)
    if parameter.is_number and isinstance(value, str) and value.isdecimal():
        return int(value)
    if parameter.is_url and isinstance(value, str) and _carries_secret(value):
        return Secret(value)
    return value


def _carries_secret(url: str) -> bool:
    """Whether *url* has a place for a password or a key: somebody else wrote it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    return bool(parts.query or parts.fragment or "@" in parts.netloc)


class _References:
    """Gives each secret value a variable of its own."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Secret], Reference] = {}
        self._count: Counter[str] = Counter()

    def hidden(self, values: Mapping[str, Scalar | Secret]) -> dict[str, Value]:
        """Return *values* with references where a value is secret."""
        return {
            name: self._reference(name, value) if isinstance(value, Secret) else value
            for name, value in values.items()
        }

    def _reference(self, parameter: str, value: Secret) -> Reference:
        known = self._known.get((parameter, value))
        if known is None:
            base = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", parameter).upper()
            self._count[base] += 1
            number = self._count[base]
            known = Reference(base if number == 1 else f"{base}_{number}", value)
            self._known[parameter, value] = known
        return known


def _common(entries: Sequence[Mapping[str, Value]]) -> dict[str, Value]:
    """Return the values that more than half of several entries have."""
    if len(entries) < 2:
        return {}
    counts = Counter((name, value) for values in entries for name, value in values.items())
    common = {name: value for (name, value), n in counts.items() if n * 2 > len(entries)}
    return {name: common[name] for values in entries for name in values if name in common}


def _own(
    entry: TakenOver, defaults: Mapping[str, Value], told: Mapping[int, Told], rules: Rules
) -> dict[str, Value]:
    """Return what *entry* says beside *defaults*, and instead of them."""
    own = {n: value for n, value in entry.values.items() if defaults.get(n) != value}
    seen = told[entry.instance.id_instance]
    for name in defaults:
        if name not in entry.values:
            unset = off(rules.parameters[name])
            # What it did not tell is unknown, and so no business of the manifest's.
            own[name] = unset if name in seen and unset != "" else None
    return own


# --- keys ------------------------------------------------------------------------------------


class _Keys:
    """Hands out keys and names, each once."""

    def __init__(self, state: State, rules: Rules) -> None:
        self._rules = rules
        self._recorded = {each.id_instance: key for key, each in state.instances.items()}
        self._taken = set(state.instances) | set(state.pending)
        self._names: set[str] = {*self._taken}

    def entry(self, row: Instance, values: Mapping[str, Value]) -> TakenOver:
        key = self._recorded.get(row.id_instance)
        wanted = _slug(row.name)
        if key is None:
            free = self._rules.is_key(wanted) and wanted not in self._taken
            key = wanted if free else self._numbered(wanted, row)
        self._taken.add(key)
        if key == row.name:
            self._names.add(key)
            return TakenOver(key, row, values)
        usable = bool(row.name) and row.name not in self._names and self._fits(row.name)
        self._names.add(row.name if usable else key)
        return TakenOver(key, row, values, name=row.name if usable else None, label=not usable)

    def _numbered(self, wanted: str, row: Instance) -> str:
        number = str(row.id_instance)
        key = f"{wanted[: 62 - len(number)]}-{number}" if wanted else f"instance-{number}"
        while key in self._taken:  # somebody chose just this one
            key = f"{key[:61]}-x"
        return key

    def _fits(self, name: str) -> bool:
        return "$" not in name and self._rules.judge("name").is_valid(name)


def _slug(name: str) -> str:
    """Return what is left of *name* in the letters of a key: all of it, where it is one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-._")[:62].rstrip("-._")
