"""A person's decisions about single entries, checked against state and account."""

from reconciler.apply.adopt import adopted
from reconciler.apply.guards import check_account
from reconciler.apply.ports import Clock, Log, Store
from reconciler.errors import GuardError, UsageError
from reconciler.model import Account, Desired, Instance, Origin, Pending, Recorded, Word
from reconciler.state.model import Closed, Record, State


def settle_as_not_created(key: str, store: Store, *, log: Log) -> None:
    """Close the unresolved create of *key*; raise UsageError when there is none."""
    pending = _pending(key, store.state())
    store.record(Closed(key, Word.NOT_CREATED, "a person said so"))
    log.info("create_settled", key=key, name=pending.name, verdict="not created")


def recover(
    key: str, id_instance: int, store: Store, account: Account, *, clock: Clock, log: Log
) -> None:
    """Record *id_instance* as what the unresolved create of *key* made.

    Raises UsageError when nothing is unresolved under *key*, GuardError when the account does
    not list the id as live, or another entry has it.
    """
    state = store.state()
    pending = _pending(key, state)
    instance = _free(id_instance, state, account)
    recorded = Recorded(
        id_instance=id_instance,
        token=instance.token,
        type_instance=instance.type_instance,
        name=pending.name,
        parameters=pending.parameters,
        created_at=clock.stamp(),
        origin=Origin.RECOVERED,
    )
    store.record(Record(key, recorded))
    log.info("instance_recovered", key=key, name=pending.name, id_instance=id_instance)


def adopt_one(
    desired: Desired, id_instance: int, store: Store, account: Account, *, clock: Clock, log: Log
) -> None:
    """Record *id_instance* for *desired*, whatever its name in the account; raise GuardError."""
    state = store.state()
    if desired.key in state.instances:
        held = state.instances[desired.key].id_instance
        raise GuardError(f"{desired.key} is recorded already, as {held}; nothing was changed")
    instance = _free(id_instance, state, account)
    store.record(Record(desired.key, adopted(desired, instance, store.lineage, clock.stamp())))
    log.info("instance_adopted", key=desired.key, name=desired.name, id_instance=id_instance)


def _pending(key: str, state: State) -> Pending:
    if (pending := state.pending.get(key)) is not None:
        return pending
    names = ", ".join(state.pending)
    raise UsageError(
        f"{key}: nothing is unresolved under this key; nothing was changed",
        hint=f"unresolved: {names}" if names else "no create is unresolved in this state",
    )


def _free(id_instance: int, state: State, account: Account) -> Instance:
    check_account(state, account)
    for key, recorded in state.instances.items():
        if recorded.id_instance == id_instance:
            raise GuardError(f"{id_instance} is recorded already, as {key}; nothing was changed")
    for row in account.live:
        if row.id_instance == id_instance:
            return row
    raise GuardError(
        f"the account lists no live instance {id_instance}; nothing was changed",
        hint="look its id up in the console",
    )
