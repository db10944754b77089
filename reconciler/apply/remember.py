"""What a run leaves in the state of what it showed, and of what the manifest said."""

from collections.abc import Sequence

from reconciler.apply.ports import HeldState, Log
from reconciler.model import Desired, Renamed
from reconciler.plan import Missing, Orphan, Plan, Rename
from reconciler.results import Result
from reconciler.state.model import Moved, OrphansReported, ProtectionChanged


def remember_orphans(store: HeldState, entries: Sequence[Desired], plan: Plan) -> None:
    """Record which instances *plan* has shown to be no longer wanted: a later create is not taken
    for one of them."""
    wanted = {entry.key for entry in entries}
    fresh = tuple(
        action.key
        for action in plan.of(Orphan) + plan.of(Missing)
        if action.key not in wanted and not action.recorded.reported
    )
    if fresh:
        store.record(OrphansReported(fresh))


def remember_protection(store: HeldState, entries: Sequence[Desired]) -> None:
    """Take over what *entries* say: one that leaves the manifest says nothing any more."""
    instances = store.state().instances
    for protected in (True, False):
        keys = tuple(
            entry.key
            for entry in entries
            if entry.lifecycle.protected is protected
            and (held := instances.get(entry.key)) is not None
            and held.protected is not protected
        )
        if keys:
            store.record(ProtectionChanged(keys, protected=protected))


def rename(store: HeldState, plan: Plan, log: Log) -> list[Result]:
    """Let each record go by the key that its entry has now."""
    renames = plan.of(Rename)
    if renames:
        store.record(*(Moved(each.previously, each.key) for each in renames))
    for each in renames:
        who = {"key": each.key, "name": each.desired.name}
        log.info("record_moved", **who, previously=each.previously)
    return [Result(each.key, each.desired.name, Renamed(each.previously)) for each in renames]
