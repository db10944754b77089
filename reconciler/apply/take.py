"""Records the instances that a manifest was made of, so that the next plan finds nothing to do."""

from reconciler.apply.ports import Clock, HeldState, Log
from reconciler.model import Origin, Recorded
from reconciler.state.digest import kept
from reconciler.state.model import Record
from reconciler.takeover import TakenOver, TakeOver


def record_all(made: TakeOver, store: HeldState, clock: Clock, log: Log) -> int:
    """Record each entry of *made* as it is set now; return how many records are new.

    A record that is there already keeps what is known of it beside its settings.
    """
    stamp, before = clock.stamp(), store.state().instances
    records = [
        Record(entry.key, _record(entry, made, store, before.get(entry.key), stamp))
        for entry in made.entries
    ]
    changed = [each for each in records if before.get(each.key) != each.recorded]
    if changed:
        store.record(*changed)
    new = [each for each in changed if each.key not in before]
    for each in new:
        recorded = each.recorded
        log.info(
            "instance_adopted",
            key=each.key,
            name=recorded.name,
            id_instance=recorded.id_instance,
        )
    return len(new)


def _record(
    entry: TakenOver, made: TakeOver, store: HeldState, before: Recorded | None, stamp: str
) -> Recorded:
    parameters = kept(made.desired(entry), store.lineage)
    if before is not None:
        return before._replace(parameters=parameters)
    row = entry.instance
    return Recorded(
        id_instance=row.id_instance,
        token=row.token,
        type_instance=row.type_instance,
        name=row.name,
        parameters=parameters,
        created_at=stamp,
        origin=Origin.ADOPTED,
    )
