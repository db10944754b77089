"""A plan for people: the bill first, then what needs their eyes; what is kept is only counted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, assert_never

from reconciler.model import Desired, Scalar
from reconciler.plan import (
    Action,
    Changed,
    Conflict,
    Create,
    Difference,
    Gone,
    Keep,
    Orphan,
    Plan,
    Unresolved,
)
from reconciler.report.counting import ACTIONS, plan_headline
from reconciler.report.layout import Color, Mark, Page
from reconciler.report.printable import HIDDEN, printable, quoted

LISTED: Final = 50  # of each kind; a plan that nobody would read to the end is abbreviated
_MARKS: Final = {
    "create": Mark("+", "create", Color.GOOD),
    "unresolved": Mark("!", "unresolved", Color.BAD),
    "changed": Mark("~", "changed", Color.NOTE),
    "gone": Mark("x", "gone", Color.BAD),
    "orphan": Mark("?", "orphan", Color.NOTE),
}


def plan_text(
    plan: Plan,
    *,
    color: bool,
    width: int,
    api_url: str | None = None,
    options: Sequence[str] = (),
) -> str:
    """Return *plan* for a terminal of *width* columns (0: never folded), creates first.

    *options* are repeated in the commands it names.
    """
    page = Page(color, width)
    lines = page.title(plan_headline(plan))
    if api_url:
        lines += page.prose(f"at {printable(api_url)}")
    groups: dict[str, list[Action]] = {word: [] for word in ACTIONS.values()}
    for action in plan.actions:
        groups[ACTIONS[type(action)]].append(action)
    del groups["keep"]
    owners = _owners(plan) if groups["conflict"] else {}
    for word, actions in groups.items():
        if actions:
            lines += ["", *_group(word, actions, owners, page)]
    if conflicts := plan.of(Conflict):
        from reconciler.report.conflicts import way_out

        lines += way_out(conflicts, owners, page, options)
    lines += _advice(groups, page)
    return "\n".join(lines) + "\n"


def _owners(plan: Plan) -> Mapping[int, str]:
    from reconciler.report.conflicts import owners_in  # few plans have any

    return owners_in(plan)


def _group(
    word: str, actions: Sequence[Action], owners: Mapping[int, str], page: Page
) -> Iterable[str]:
    for action in actions[:LISTED]:
        match action:
            case Conflict():
                from reconciler.report.conflicts import conflict_lines

                yield from conflict_lines(action, owners, page)
            case Changed(_, recorded, differences):
                yield from page.item(_MARKS[word], printable(action.key), str(recorded.id_instance))
                for each in differences:
                    yield from _difference(each, page)
            case _:
                yield from page.item(_MARKS[word], printable(action.key), note(action))
    if (rest := len(actions) - LISTED) > 0:
        verb = "to create" if word == "create" else word
        yield from page.prose(f"... and {rest} more {verb} (-o json shows all)", indent=4)


def note(action: Create | Keep | Unresolved | Gone | Orphan) -> str:
    """Return what is to be said of *action* beside its kind and key; empty for a plain create."""
    match action:
        case Create(desired):
            return _alias(desired)
        case Unresolved(_, pending, desired):
            wanted = "" if desired else "; no longer in the manifest"
            return f"announced {printable(pending.since)}{wanted}"
        case Gone(_, recorded):
            return f"{recorded.id_instance} is not in the account any more"
        case Orphan(_, recorded):
            return f"{recorded.id_instance} exists, and is billed"
        case Keep(_, recorded):
            return str(recorded.id_instance)
        case _:
            assert_never(action)


def _alias(desired: Desired) -> str:
    same = desired.name == desired.key
    return "" if same else f"named {quoted(desired.name, limit=80)}"


def _difference(each: Difference, page: Page) -> list[str]:
    symbol = "+" if each.recorded is None else "-" if each.wanted is None else "~"
    head = f"    {symbol} {printable(each.parameter)}:"
    if each.secret:
        words = {"+": "is to be set", "-": "is to be taken away", "~": "differs"}
        values = [f"{HIDDEN} {words[symbol]}"]
    elif symbol == "~":
        values = [_value(each.recorded), f"-> {_value(each.wanted)}"]
    else:
        values = [_value(each.wanted if each.recorded is None else each.recorded)]
    line = " ".join([head, *values])
    if 0 < page.width < len(line):
        return [head, *(f"        {value}" for value in values)]
    return [line]


def _value(value: Scalar | None) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    return quoted(value) if isinstance(value, str) else str(value)


def _advice(groups: Mapping[str, Sequence[Action]], page: Page) -> list[str]:
    texts = []
    if groups["unresolved"]:
        texts.append("Unresolved: apply first asks the account what became of these creates.")
    if groups["changed"] or groups["gone"] or groups["orphan"]:
        texts.append(
            "What changed, is gone or is no longer wanted is reported; apply leaves it alone."
        )
    return ["", *(line for text in texts for line in page.prose(text))] if texts else []
