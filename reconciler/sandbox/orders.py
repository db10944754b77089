"""What is ordered from the console: instances made by hand, of any plan and age."""

from dataclasses import dataclass
from typing import Any

from reconciler.sandbox.events import PARTNER, Tariff

_MOST: int = 100_000
_OLDEST: float = 3650.0


@dataclass(frozen=True, slots=True)
class Order:
    """*count* instances of one *name*, made *days_old* days ago."""

    name: str
    count: int
    deleted: bool
    plan: Tariff
    days_old: float


def read_order(said: object) -> Order | str:
    """Return what is ordered, or what is wrong with it."""
    match said:
        case {"name": str(name), **options}:
            count, deleted = options.get("count", 1), options.get("deleted", False)
            days_old: Any = options.get("daysOld", 0)
        case _:
            return "name is missing"
    if type(count) is not int or not 1 <= count <= _MOST or not isinstance(deleted, bool):
        return "count is a whole number from 1, deleted is true or false"
    if type(days_old) not in (int, float) or not 0 <= days_old <= _OLDEST:
        return "daysOld is a number of days"
    plan = Tariff(
        str(options.get("tariff", PARTNER.tariff)),
        is_free=bool(options.get("isFree", PARTNER.is_free)),
        is_partner=bool(options.get("isPartner", PARTNER.is_partner)),
        is_expired=bool(options.get("isExpired", PARTNER.is_expired)),
    )
    return Order(name, count, deleted, plan, float(days_old))
