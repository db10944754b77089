"""`reconciler state copy`: take a state to another place, as it is."""

import shlex
from typing import TYPE_CHECKING

import click

from reconciler.cli.options.arguments import StateArgument
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.holding import Holding, holding_as_is, tokens_in_bucket
from reconciler.cli.pages import Command
from reconciler.cli.session import Session, build
from reconciler.errors import GuardError, StateError, UsageError
from reconciler.places import Place
from reconciler.report.words import counted

if TYPE_CHECKING:
    from reconciler.state.model import State


@click.command(cls=Command, short_help="Take the state to another place.")
@click.argument("source", type=StateArgument(), metavar="SRC")
@click.argument("target", type=StateArgument(), metavar="DST")
@common
@tokens_in_bucket
@holding_as_is
@output("text", "json")
def copy(source: Place, target: Place, common: Common, holding: Holding, output: str) -> int:
    """Copy the state at SRC to DST: files, s3://BUCKET/KEY, gs://BUCKET/KEY, az://CONTAINER/KEY.

    Both are held meanwhile, what SRC's journal holds is brought in, and what was written is read
    again. SRC stays as it is: from then on, let every run use one of them. What is at DST is only
    replaced by what came from it.
    """
    session = build(common, offline=True)
    if source == target:
        raise UsageError(f"{source}: is both source and target; nothing was copied")
    with session.open_store(holding, place=source) as held:
        state = held.state()
        if not (state.serial or state.instances):
            raise UsageError(f"{source}: there is no state yet, and so nothing to copy")
        copied = _put(state, target, session, holding)
    facts = {"recorded": len(state.instances), "unresolved": sorted(state.pending)}
    if output == "json":
        from reconciler.report.json import state_json

        answer = {"from": str(source), "copied": copied, "serial": state.serial, **facts}
        session.answer(state_json("copy", str(target), **answer))
        return 0
    if not copied:
        session.answer(f"{target}: holds the state of {source} already; nothing was copied")
        return 0
    session.answer(
        f"{target}: {counted(len(state.instances), 'record')} copied from {source},"
        f" {len(state.pending)} unresolved\n"
        f"from now on: -s {shlex.quote(str(target))}, or the manifest's account.state; remove"
        f" {source} once nothing uses it, for two states would buy everything twice"
    )
    return 0


def _put(state: "State", target: Place, session: Session, holding: Holding) -> bool:
    """Put *state* at *target*, and read it again; return whether it was not there yet."""
    from reconciler.state.loading import read_state

    with session.open_store(holding, place=target, lineage=state.lineage) as store:
        session.warn_of_exposure(target, state)
        there = store.state()
        if there == state:
            return False
        _check_older(there, state, target)
        store.rewrite(lambda old: state)
        written = store.state()
    if read_state(target) != written or written.instances != state.instances:
        raise StateError(
            f"{target}: what was written there is not what is there now",
            hint="nothing was removed: go on with the source, and look who else uses the target",
        )
    return True


def _check_older(there: "State", state: "State", target: Place) -> None:
    """Raise GuardError if the state *there* knows what *state* does not."""
    if not (there.serial or there.instances):
        return
    if there.lineage != state.lineage:
        raise GuardError(
            f"{target}: another state is there already; nothing was copied",
            hint="choose another place, or move that one away first",
        )
    ids, known = there.ids, state.known_ids
    if there.serial >= state.serial or not ids <= known:
        raise GuardError(
            f"{target}: the state there has gone on since it was the same as this one; nothing was"
            " copied",
            hint="copy the other way round, unless both bought something: then `reconciler status"
            " --refresh` on each tells what it knows",
        )
