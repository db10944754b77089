"""`reconciler resolve`: a person's answer for a create whose fate is unknown."""

import click

from reconciler.cli.options import keys
from reconciler.cli.options.api import Api, api
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.declare import flag, option
from reconciler.cli.options.holding import Holding, holding
from reconciler.cli.pages import Command
from reconciler.cli.session import Session, build
from reconciler.errors import UsageError


@click.command(cls=Command)
@click.argument("name", shell_complete=keys.unresolved)
@common
@output("text", "json")
@option(
    "--id",
    "id_instance",
    type=click.IntRange(min=1),
    metavar="N",
    help="The instance that this create made: record it.",
)
@flag("--not-created", "No instance was made: it may be created again.")
@flag("--insist", "Record the instance although it was there before the create.")
@holding
@api
def command(
    name: str,
    common: Common,
    output: str,
    id_instance: int | None,
    not_created: bool,
    insist: bool,
    holding: Holding,
    api: Api,
) -> int:
    """Say what became of the unresolved create of NAME (the entry's key).

    Look the instance up in the console first: a wrong --not-created buys a second one.
    """
    if (id_instance is None) != not_created:
        raise UsageError("say one of --id N (it was created) and --not-created", hint=None)
    session = build(common, offline=False)
    with session.open_store(holding.sealing_for(session.recipients())) as store:
        from reconciler.apply.decide import recover, settle_as_not_created
        from reconciler.apply.guards import check_address

        if id_instance is None:
            settle_as_not_created(name, store, log=session.log)
            _tell(session, output, name, None)
            return 0
        with session.partner(session.access(api), timeout=60) as partner:
            check_address(store.state(), partner.url)
            account = partner.account()
        recover(
            name,
            id_instance,
            store,
            account,
            clock=session.clock(),
            log=session.log,
            insist=insist,
        )
        _tell(session, output, name, id_instance)
    return 0


def _tell(session: Session, output: str, key: str, id_instance: int | None) -> None:
    if output == "json":
        from reconciler.report.json import resolve_json

        session.answer(resolve_json(key, id_instance=id_instance))
    elif id_instance is None:
        session.answer(f"{key}: not created; the next apply may create it")
    else:
        session.answer(f"{key}: recorded as {id_instance}")
