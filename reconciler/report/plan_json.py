"""A plan for programs, and for `plan --out`: format `reconciler.plan/1`, without any secret."""

import json
from typing import Final, assert_never

from reconciler.model import Desired, Instance, Scalar
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
from reconciler.report.counting import ACTIONS, plan_counts
from reconciler.secrets import Secret

FORMAT: Final = "reconciler.plan/1"
HIDDEN: Final = {"secret": True}  # stands for a value that must not be shown

Json = dict[str, object]


def plan_json(plan: Plan, *, checksum: str, api_url: str | None = None) -> str:
    """Return *plan* as JSON, one action a line; *checksum* binds it to manifest and state."""
    head: Json = {
        "format": FORMAT,
        "counts": plan_counts(plan),
        "apiUrl": api_url,
        "lineage": plan.lineage,
        "serial": plan.serial,
        "checksum": checksum,
        "refreshed": plan.refreshed,
    }
    return with_rows(head, actions=[action_json(action) for action in plan.actions])


def with_rows(head: Json, **rows: list[Json]) -> str:
    """Return *head* as indented JSON, followed by the members *rows* with one item on each line.

    Such a file reads well, differs well, and is written by the fast encoder.
    """
    members = [json.dumps(head, indent=2)[2:-2]]
    for name, items in rows.items():
        lines = ",\n".join("    " + json.dumps(item) for item in items)
        members.append(f'  "{name}": [\n{lines}\n  ]' if items else f'  "{name}": []')
    return "{\n" + ",\n".join(members) + "\n}\n"


def action_json(action: Action) -> Json:
    """Return one action; every kind has `action`, `key` and `name`."""
    word = ACTIONS[type(action)]
    match action:
        case Create(desired):
            return _head(word, desired) | {"parameters": _parameters(desired)}
        case Conflict(desired, candidates, held_by):
            rows = [instance_json(row) for row in candidates]
            return _head(word, desired) | {"candidates": rows, "heldBy": held_by}
        case Changed(desired, recorded, differences):
            changes = [_difference(each) for each in differences]
            found = {"idInstance": recorded.id_instance, "differences": changes}
            return _head(word, desired) | found
        case Unresolved(key, pending, desired):
            name = pending.name if desired is None else desired.name
            about: Json = {"since": pending.since, "wanted": desired is not None}
            return {"action": word, "key": key, "name": name} | about
        case Keep(key, recorded) | Gone(key, recorded) | Orphan(key, recorded):
            about = {"name": recorded.name, "idInstance": recorded.id_instance}
            return {"action": word, "key": key} | about
        case _:
            assert_never(action)


def instance_json(row: Instance) -> Json:
    """Return a live instance as a candidate: without its token."""
    return {"idInstance": row.id_instance, "name": row.name, "timeCreated": row.time_created}


def _head(word: str, desired: Desired) -> Json:
    place = {"path": desired.place.path, "line": desired.place.line, "column": desired.place.column}
    return {"action": word, "key": desired.key, "name": desired.name, "place": place}


def _parameters(desired: Desired) -> Json:
    return {
        name: HIDDEN if isinstance(value, Secret) else value
        for name, value in desired.parameters.items()
    }


def _difference(each: Difference) -> Json:
    return {
        "parameter": each.parameter,
        "recorded": _value(each.recorded, secret=each.secret),
        "wanted": _value(each.wanted, secret=each.secret),
    }


def _value(value: Scalar | None, *, secret: bool) -> object:
    return HIDDEN if secret and value is not None else value
