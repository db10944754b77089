"""In words: what a listing has that does not fit the records, and why it is no proof of absence."""

from collections.abc import Sequence
from decimal import Decimal
from typing import assert_never

from reconciler.evidence.taken import Oddity, Relabelled, Twin
from reconciler.manifest.account import Price
from reconciler.report.words import candidate, money, printable, quoted


def oddity_text(oddity: Oddity, price: Price | None = None) -> str:
    """Return what a person should know of *oddity*, in one sentence; *price* is an instance's."""
    match oddity:
        case Relabelled(key, _, listed):
            return (
                f"{printable(key)}: its instance {listed.id_instance} is listed under another"
                f" name, {quoted(listed.name, limit=80)}: renamed in the console?"
            )
        case Twin(key, recorded_id, listed):
            cost = f", {_a_day(price)}" if price else ""
            return (
                f"{printable(key)} is recorded as {recorded_id}, but there is a live instance of"
                f" that name that nobody records, and that is billed, too{cost}:"
                f" {candidate(listed, listed.name)}"
            )
        case _:
            assert_never(oddity)


def _a_day(price: Price) -> str:
    return f"{money(Decimal(str(price.amount)))} {price.currency} a day"


def objection_text(objections: Sequence[str]) -> str:
    """Return that nothing is concluded from what a listing lacks, and why."""
    why = " and ".join(map(printable, objections))
    return f"the listing {why}: nothing is concluded from what else it lacks"
