"""What is to be said of an inventory, once for every format: titles, remedies, money."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reconciler.report.inventory.items import MONTH, Group, Inventory, Item, Trouble
from reconciler.report.rows import Way
from reconciler.report.words import Call, command, counted, money

Kinds = Group | Trouble

TITLES: Final[Mapping[Kinds, str]] = {
    Group.MANAGED: "managed",
    Group.ORPHAN: "no longer wanted",
    Group.TWIN: "twins",
    Group.UNMANAGED: "unmanaged",
    Group.TOMBSTONE: "forgotten, and alive",
    Group.GONE: "recorded, but gone",
    Group.MISSING: "recorded, but not listed",
    Group.OTHER_PLAN: "of other plans",
    Trouble.EXPIRED: "expired",
    Trouble.UNLINKED: "without a phone",
    Trouble.SUSPENDED: "suspended",
    Trouble.BLOCKED: "blocked",
    Trouble.DRIFTED: "drifted",
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """The instances of one kind, what they *cost* (nothing where nobody said the price), and the
    way to mend them."""

    kind: Kinds
    items: tuple[Item, ...]
    cost: str
    way: Way | None

    @property
    def title(self) -> str:
        return TITLES[self.kind]


def chapters(inventory: Inventory, call: Call) -> Iterator[Chapter]:
    """Yield what there is of each kind; an instance in trouble stands in its group, too."""
    kinds: list[tuple[Kinds, tuple[Item, ...]]]
    kinds = [*inventory.groups.items(), *inventory.troubles.items()]
    for kind, items in kinds:
        if items:
            costing = sum(item.costs for item in items)
            cost = cost_words(inventory, costing) if costing else ""
            yield Chapter(kind, items, cost, _way(kind, items[0], call))


def headline(inventory: Inventory) -> str:
    """Return how many instances cost, and how many of them serve nobody."""
    parts = [f"{counted(inventory.costing, 'instance')} on the bill"]
    if cost := cost_words(inventory, inventory.costing):
        parts[0] += f": {cost}"
    if inventory.useless:
        useless = f"{inventory.useless} of them serve{'s' * (inventory.useless == 1)} nobody"
        waste = cost_words(inventory, inventory.useless)
        parts.append(f"{useless}: {waste}" if waste else useless)
    return "; ".join(parts)


def doubts(inventory: Inventory) -> list[str]:
    """Return what is to be said of a listing that may be old or partial."""
    return [f"The listing {each}: what it lacks counts for nothing." for each in inventory.doubts]


def cost_words(inventory: Inventory, instances: int) -> str:
    """Return what *instances* cost a day and a month, or nothing where nobody said the price."""
    if inventory.price is None:
        return ""
    currency = inventory.price.currency
    day = inventory.cost(instances) or Decimal(0)
    month = inventory.cost(instances, days=MONTH) or Decimal(0)
    return f"{money(day)} {currency} a day, {money(month)} {currency} a month"


def note(item: Item, *, state: bool = True) -> str:
    """Return what is to be said beside an instance; its *state* may stand elsewhere."""
    parts = [f"since {item.created}"] if item.created else []
    parts += [f"deleted {item.ended}"] if item.ended else []
    parts += [item.state] if item.state and state else []
    parts += [f"no phone for {counted(item.unlinked_days, 'day')}"] if item.unlinked_days else []
    if item.settings and item.settings.drifted:
        parts.append(f"{' and '.join(item.settings.drifted)} drifted")
    if item.settings and item.settings.reason:
        parts.append(f"settings not read: {item.settings.reason}")
    return ", ".join(parts)


def unasked(inventory: Inventory) -> str:
    """Return what else could be asked, or nothing."""
    states = "" if inventory.states else "--states also asks each instance for its state"
    live = "" if inventory.live else "--live for its settings"
    if states and live:
        return f"{states}, {live}."
    return (
        f"{states}." if states else "--live also asks each instance for its settings." * bool(live)
    )


def _way(kind: Kinds, example: Item, call: Call) -> Way | None:
    """Return what mends instances of this *kind*, an *example* in the commands."""
    if kind not in _WAYS:
        return None
    text, *commands = _WAYS[kind]
    fields = {"KEY": example.key or "KEY", "N": str(example.id_instance)}
    filled = [[fields.get(word, word) for word in each.split()] for each in commands]
    return Way(text, tuple(command(*words, options=call.options) for words in filled))


# A sentence, and commands in which KEY and N stand for an instance's key and id.
_WAYS: Final[Mapping[Kinds, tuple[str, ...]]] = {
    Group.ORPHAN: ("Delete what nobody wants:", "apply --prune"),
    Group.TWIN: ("Look which one is used, and delete the other in the console.",),
    Group.UNMANAGED: ("Take them over:", "import --to FILE --record"),
    Group.TOMBSTONE: ("Take it back, or delete it in the console:", "adopt KEY --id N"),
    Group.GONE: ("Create it anew, or forget it:", "apply --recreate", "state rm KEY"),
    Group.MISSING: ("Nothing is settled by absence; a person may forget it:", "state rm KEY"),
    Trouble.EXPIRED: ("Prolong them in the console, or delete them.",),
    Trouble.UNLINKED: ("Link a phone, or do without them:", "link KEY"),
    Trouble.SUSPENDED: ("They wait until the messenger lets them send again.",),
    Trouble.BLOCKED: ("Another phone number is needed: link one that is not banned:", "link KEY"),
    Trouble.DRIFTED: ("Set them as the manifest wants them:", "apply --update --live"),
}
