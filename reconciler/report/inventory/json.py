"""An inventory for programs, without any token."""

import json
from decimal import Decimal

from reconciler.report.inventory.items import MONTH, Inventory, Item
from reconciler.report.inventory.words import Chapter, chapters
from reconciler.report.json import INVENTORY
from reconciler.report.rows import Json
from reconciler.report.words import NO_CALL, Call, money


def inventory_json(inventory: Inventory, *, call: Call = NO_CALL) -> str:
    """Return *inventory* as JSON; `counts` has every kind, `classes` those that there are."""
    counts = {kind.value: len(items) for kind, items in inventory.groups.items()}
    counts |= {kind.value: len(items) for kind, items in inventory.troubles.items()}
    document: Json = {
        "format": INVENTORY,
        "apiUrl": call.api_url,
        "state": call.state,
        "at": inventory.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "states": inventory.states,
        "live": inventory.live,
        "unlinkedDays": inventory.unlinked_days,
        "doubts": list(inventory.doubts),
        "counts": {
            **counts,
            "costing": inventory.costing,
            "useless": inventory.useless,
            "unread": inventory.unread,
        },
        "cost": _cost(inventory),
        "classes": [_chapter(chapter) for chapter in chapters(inventory, call)],
        "instances": [_item(item) for item in inventory.items],
    }
    return json.dumps(document, indent=2) + "\n"


def _cost(inventory: Inventory) -> Json | None:
    if inventory.price is None:
        return None
    sums = {
        name: money(inventory.cost(number, days=days) or Decimal(0))
        for name, number, days in (
            ("perDay", inventory.costing, 1),
            ("perMonth", inventory.costing, MONTH),
            ("uselessPerDay", inventory.useless, 1),
            ("uselessPerMonth", inventory.useless, MONTH),
        )
    }
    return {"currency": inventory.price.currency, "instancePerDay": inventory.price.amount, **sums}


def _chapter(chapter: Chapter) -> Json:
    way = chapter.way
    return {
        "class": chapter.kind.value,
        "count": len(chapter.items),
        "remedy": way.text if way else None,
        "commands": list(way.commands) if way else [],
    }


def _item(item: Item) -> Json:
    return {
        "idInstance": item.id_instance,
        "key": item.key,
        "name": item.name,
        "typeInstance": item.type_instance,
        "class": item.group.value,
        "troubles": [trouble.value for trouble in item.troubles],
        "created": item.created or None,
        "deleted": item.ended or None,
        "stateInstance": item.state,
        "unlinkedDays": item.unlinked_days,
        "drifted": None if item.settings is None else list(item.settings.drifted),
        "unread": item.settings.reason if item.settings else None,
        "costs": item.costs,
        "useless": item.useless,
    }
