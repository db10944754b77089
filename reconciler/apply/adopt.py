"""Record what exists already instead of creating it again."""

from collections.abc import Iterable

from reconciler.apply.ports import Clock, HeldState, Log
from reconciler.model import Adopted, Desired, Instance, Origin, Recorded
from reconciler.plan import Conflict
from reconciler.results import Result
from reconciler.state.digest import kept
from reconciler.state.model import Addressed, Record, State


def adopt(conflicts: Iterable[Conflict], store: HeldState, clock: Clock, log: Log) -> list[Result]:
    """Record the one live instance of each conflict's name; leave the unclear ones alone."""
    state: State = store.state()
    settled = [
        (conflict.desired, instance)
        for conflict in conflicts
        if (instance := adoptable(conflict, state)) is not None
    ]
    if not settled:
        return []
    store.record(
        *(
            Record(desired.key, adopted(desired, instance, store.lineage, clock.stamp()))
            for desired, instance in settled
        )
    )
    for desired, instance in settled:
        log.info(
            "instance_adopted",
            key=desired.key,
            name=desired.name,
            id_instance=instance.id_instance,
        )
    return [
        Result(
            desired.key,
            desired.name,
            Adopted(instance.id_instance, instance.token),
        )
        for desired, instance in settled
    ]


def adopted(desired: Desired, instance: Instance, lineage: str, stamp: str) -> Recorded:
    """Return the record of an instance that existed before.

    Its parameters are taken from the manifest, since the account does not list them.
    """
    return Recorded(
        id_instance=instance.id_instance,
        token=instance.token,
        type_instance=instance.type_instance,
        name=desired.name,
        parameters=kept(desired, lineage),
        created_at=stamp,
        origin=Origin.ADOPTED,
        protected=desired.lifecycle.protected,
    )


def remember_address(store: HeldState, url: str) -> None:
    """Record where this state's account answers, if the state does not say so yet."""
    if store.state().api_url != url:
        store.record(Addressed(url))


def note_address(store: HeldState, url: str) -> None:
    """Have it recorded with what comes next."""
    if store.state().api_url != url:
        store.note(Addressed(url))


def adoptable(conflict: Conflict, state: State) -> Instance | None:
    """Return the one live instance that *conflict* can be settled with, None when it is unclear."""
    known = state.known_ids
    held = conflict.held_by or conflict.recorded_as
    match conflict.candidates:
        case (only,) if only.id_instance not in known and conflict.exact and not held:
            return only  # a name that is only alike is for a person to judge
        case _:
            return None
