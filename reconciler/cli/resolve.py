"""`reconciler resolve`: a person's answer for a create whose fate is unknown."""

from pathlib import Path

import click

from reconciler.cli import keys
from reconciler.cli.options import Common, api_options, common, lock_timeout, option, output
from reconciler.cli.pages import Command
from reconciler.cli.recipients import merged_recipients, recipients, recipients_of
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
@option("--not-created", is_flag=True, help="No instance was made: it may be created again.")
@option(
    "--insist", is_flag=True, help="Record the instance although it was there before the create."
)
@lock_timeout
@recipients
@api_options
def command(
    name: str,
    common: Common,
    output: str,
    id_instance: int | None,
    not_created: bool,
    insist: bool,
    lock_timeout: float,
    recipients: tuple[str, ...],
    api_url: str,
    ca_bundle: Path | None,
) -> int:
    """Say what became of the unresolved create of NAME (the entry's key).

    Look the instance up in the console first: a wrong --not-created buys a second one.
    """
    if (id_instance is None) != not_created:
        raise UsageError("say one of --id N (it was created) and --not-created", hint=None)
    session = build(common, offline=False)
    sealed_for = merged_recipients(recipients_of(common, session), recipients)
    with session.open_store(sealed_for, lock_timeout) as store:
        from reconciler.apply.decide import recover, settle_as_not_created
        from reconciler.apply.guards import check_address

        if id_instance is None:
            settle_as_not_created(name, store, log=session.log)
            _tell(session, output, name, None)
            return 0
        with session.partner(session.access(api_url), ca_bundle, timeout=60) as partner:
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
