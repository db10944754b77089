"""A person's decisions about single entries, checked against state and account."""

from typing import Final

from reconciler.apply.adopt import adopted
from reconciler.apply.guards import check_proof
from reconciler.apply.ports import Clock, HeldState, Log
from reconciler.errors import GuardError, UsageError
from reconciler.evidence.creates import Ambiguous, Found, judge
from reconciler.model import Account, Desired, Instance, Origin, Pending, Recorded, Word
from reconciler.results import WrongInstance
from reconciler.state.model import Closed, Record, State
from reconciler.state.strictjson import shown

_NAMED: Final = 5  # candidates in a hint; JSON has them all


def settle_as_not_created(key: str, store: HeldState, *, log: Log) -> None:
    """Close the unresolved create of *key*; raise UsageError when there is none."""
    pending = _pending(key, store.state())
    store.record(Closed(key, Word.NOT_CREATED, "a person said so"))
    log.info("create_settled", key=key, name=pending.name, verdict="not created")


def recover(
    key: str,
    id_instance: int,
    store: HeldState,
    account: Account,
    *,
    clock: Clock,
    log: Log,
    insist: bool = False,
) -> None:
    """Record *id_instance* as what the unresolved create of *key* made.

    Raises UsageError when nothing is unresolved under *key*, GuardError when the account does
    not list the id as live, another entry has it, or (unless the person *insists*) it was there
    before the create.
    """
    state = store.state()
    pending = _pending(key, state)
    held = state.instances.get(key)
    if held is not None and not held.deleted:
        raise GuardError(
            f"{key} is recorded already, as {held.id_instance}; nothing was changed",
            hint=f"delete {id_instance} in the console, or adopt it for another entry; then say "
            f"`reconciler resolve {key} --not-created`",
        )
    candidates = _candidates(key, state, account)
    instance = _free(id_instance, state, account, candidates)
    _check_newer(id_instance, pending, state, candidates, insist=insist)
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
    desired: Desired,
    id_instance: int,
    store: HeldState,
    account: Account,
    *,
    clock: Clock,
    log: Log,
    insist: bool = False,
) -> Pending | None:
    """Record *id_instance* for *desired*, whatever its name in the account; raise GuardError.

    Returns the unresolved create of the entry that is closed by it, for the caller to say so: if
    that create made another instance, nobody looks for it any more.
    """
    state = store.state()
    if desired.key in state.instances:
        held = state.instances[desired.key].id_instance
        raise GuardError(f"{desired.key} is recorded already, as {held}; nothing was changed")
    candidates = _candidates(desired.key, state, account)
    instance = _free(id_instance, state, account, candidates)
    if (pending := state.pending.get(desired.key)) is not None:
        _check_newer(id_instance, pending, state, candidates, insist=insist)
    store.record(Record(desired.key, adopted(desired, instance, store.lineage, clock.stamp())))
    log.info("instance_adopted", key=desired.key, name=desired.name, id_instance=id_instance)
    return pending


def _pending(key: str, state: State) -> Pending:
    if (pending := state.pending.get(key)) is not None:
        return pending
    names = ", ".join(map(shown, state.pending))  # whoever wrote the state chose them
    raise UsageError(
        f"{key}: nothing is unresolved under this key; nothing was changed",
        hint=f"unresolved: {names}" if names else "no create is unresolved in this state",
    )


def _candidates(key: str, state: State, account: Account) -> tuple[Instance, ...]:
    """Return the live instances that the unresolved create of *key* may have made."""
    match judge(state, account).get(key):
        case Found(instance):
            return (instance,)
        case Ambiguous(candidates):
            return candidates
        case _:
            return ()


def _wrong(message: str, hint: str, candidates: tuple[Instance, ...]) -> WrongInstance:
    ids = ", ".join(str(row.id_instance) for row in candidates[:_NAMED])
    more = ", …" if len(candidates) > _NAMED else ""
    return WrongInstance(
        f"{message}; nothing was changed",
        hint=f"{hint}; it could be {ids}{more}" if ids else hint,
        candidates=candidates,
    )


def _check_newer(
    id_instance: int,
    pending: Pending,
    state: State,
    candidates: tuple[Instance, ...],
    *,
    insist: bool,
) -> None:
    """Raise GuardError when the instance was listed before *pending* was sent."""
    before = state.snapshots.get(pending.snapshot or "", frozenset())
    if id_instance in before and not insist:
        raise _wrong(
            f"{id_instance} was there before the create of {pending.name} was sent, so it is not"
            " what that made",
            "name the new instance; or, if you are sure that none was made, add --insist",
            candidates,
        )


def _free(
    id_instance: int, state: State, account: Account, candidates: tuple[Instance, ...]
) -> Instance:
    check_proof(state, account)
    for key, recorded in state.instances.items():
        if recorded.id_instance == id_instance:
            hint = (
                f"`reconciler status {key}` shows it; to rename it: `reconciler state mv {key} NEW`"
            )
            raise _wrong(f"{id_instance} is recorded already, as {key}", hint, candidates)
    for row in account.live:
        if row.id_instance == id_instance:
            return row
    raise _wrong(
        f"the account lists no live instance {id_instance}",
        "look its id up in the console",
        candidates,
    )
