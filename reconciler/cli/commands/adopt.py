"""`reconciler adopt`: record live instances that carry an entry's name."""

from collections.abc import Sequence

import click

from reconciler.cli.options import keys
from reconciler.cli.options.api import Api, api
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.declare import flag, option
from reconciler.cli.options.holding import Holding, holding
from reconciler.cli.pages import Command
from reconciler.cli.session import Session, build
from reconciler.errors import UsageError
from reconciler.model import Account, Adopted, Desired
from reconciler.plan import Conflict, Plan, diff
from reconciler.report.words import counted
from reconciler.results import PlanRefused, Result
from reconciler.state.store import Store


@click.command(cls=Command)
@click.argument("names", nargs=-1, shell_complete=keys.wanted)
@common
@output("text", "json")
@option("--all", "everything", is_flag=True, help="Every entry whose name the account has.")
@option(
    "--id",
    "id_instance",
    type=click.IntRange(min=1),
    metavar="N",
    help="Record this instance for the one NAME, whatever it is called in the account.",
)
@flag(
    "--insist", "With --id: although the instance was there before the unresolved create of NAME."
)
@holding
@api
def command(
    names: tuple[str, ...],
    common: Common,
    output: str,
    everything: bool,
    id_instance: int | None,
    insist: bool,
    holding: Holding,
    api: Api,
) -> int:
    """Record live instances that carry the name of a manifest entry, instead of creating them.

    NAMES are keys of the manifest. Parameters are recorded as the manifest has them: the account
    does not list what an instance is set to.
    """
    if bool(names) == everything or (id_instance is not None and len(names) != 1):
        raise UsageError(
            "say which entries: NAME…, or --all, or one NAME with --id N",
            hint="`reconciler plan --refresh` shows what could be adopted",
        )
    session = build(common, offline=False)
    manifest = session.manifest()
    wanted = _wanted(manifest.entries, names)
    with (
        session.partner(session.access(api), timeout=60) as partner,
        session.open_store(holding.sealing_for(manifest.recipients)) as store,
    ):
        from reconciler.apply.adopt import remember_address
        from reconciler.apply.guards import check_address, check_proof

        check_address(store.state(), partner.url)
        account = partner.account()
        check_proof(store.state(), account)
        remember_address(store, partner.url)
        if id_instance is not None:
            _adopt_one(wanted[0], id_instance, store, account, session, output, insist=insist)
            return 0
        return _adopt(wanted, store, account, session, output, named=bool(names))


def _wanted(entries: tuple[Desired, ...], names: tuple[str, ...]) -> list[Desired]:
    if not names:
        return list(entries)
    known = {entry.key: entry for entry in entries}
    if unknown := [name for name in names if name not in known]:
        raise UsageError(
            f"the manifest has no entry {', '.join(unknown)}; nothing was changed",
            hint="NAMES are the keys below `instances:`",
        )
    return [known[name] for name in dict.fromkeys(names)]


def _adopt_one(
    desired: Desired,
    id_instance: int,
    store: Store,
    account: Account,
    session: Session,
    output: str,
    *,
    insist: bool,
) -> None:
    from reconciler.apply.decide import adopt_one

    clock, log = session.clock(), session.log
    closed = adopt_one(desired, id_instance, store, account, clock=clock, log=log, insist=insist)
    token = store.state().instances[desired.key].token
    _tell([Result(desired.key, desired.name, Adopted(id_instance, token))], output, session)
    if closed is not None:
        session.warn(
            f"{desired.key}: its create of {closed.since} is settled by that, and not"
            " looked for any more: if it made another instance, that one is billed, too"
        )


def _adopt(
    wanted: list[Desired],
    store: Store,
    account: Account,
    session: Session,
    output: str,
    *,
    named: bool,
) -> int:
    from reconciler.apply.adopt import adopt

    plan = diff(wanted, store.state(), account)
    conflicts = plan.of(Conflict)
    results = adopt(conflicts, store, session.clock(), session.log)
    taken = {result.key for result in results}
    unclear = tuple(conflict for conflict in conflicts if conflict.key not in taken)
    refused = _refusal(unclear, plan, wanted if named else [], results, session)
    if refused is not None and output == "json":
        raise refused  # whose answer says what was recorded, too
    _tell(results, output, session)
    if refused is not None:
        raise refused
    return 0


def _tell(results: Sequence[Result], output: str, session: Session) -> None:
    if output == "json":
        from reconciler.report.json import adopt_json

        session.answer(adopt_json(results))
        return
    for result in results:
        session.answer(f"{result.key}: adopted {getattr(result.outcome, 'id_instance', '')}")
    session.answer(f"{counted(len(results), 'instance')} adopted")


def _refusal(
    unclear: tuple[Conflict, ...],
    plan: Plan,
    named: list[Desired],
    results: Sequence[Result],
    session: Session,
) -> PlanRefused | None:
    """Return why not all could be adopted: several candidates, or none for a NAME."""
    if unclear:
        from reconciler.report.rows import owners_in
        from reconciler.report.text import conflict_text

        text = conflict_text(
            unclear,
            owners_in(plan),
            color=session.color_err,
            width=session.width,
            call=session.call(),
        )
        session.narrate(text)
        first, keys = unclear[0], ", ".join(conflict.key for conflict in unclear)
        why, number = "it is not certain which instance it is", "N"
        if all(each.recorded_as == each.key for each in unclear) and first.candidates:
            why = "what was forgotten (`state rm`) is taken back by its id alone"
            number = str(first.candidates[0].id_instance)
        return PlanRefused(
            f"{keys}: not adopted, since {why}",
            hint=f"choose one: reconciler adopt {first.key} --id {number}",
            actions=unclear,
            results=tuple(results),
        )
    adopted = {conflict.key for conflict in plan.of(Conflict)}
    if recorded := {entry.key for entry in named} - adopted:
        return PlanRefused(
            f"{', '.join(sorted(recorded))}: nothing to adopt: recorded already, or the account"
            " has no live instance of that name",
            hint="see `reconciler status --refresh`",
            actions=(),
            results=tuple(results),
        )
    return None
