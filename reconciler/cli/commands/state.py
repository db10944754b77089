"""`reconciler state`: look after the state file."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from reconciler.cli.commands.state_copy import copy
from reconciler.cli.notices import warn_of_address
from reconciler.cli.options import keys
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.declare import option
from reconciler.cli.options.holding import Holding, holding, holding_as_is
from reconciler.cli.pages import Commands
from reconciler.cli.session import Session, build
from reconciler.errors import UsageError
from reconciler.model import Sealed, Tombstone
from reconciler.report.words import counted
from reconciler.secrets import Secret
from reconciler.state.model import Forgotten, Moved, State
from reconciler.state.strictjson import shown

if TYPE_CHECKING:
    from reconciler.state.store import Store


@click.group(cls=Commands)
def command() -> None:
    """Look after the state file."""


@command.command(short_help="Encrypt the tokens in the state.")
@common
@output("text", "json")
@holding
@option(
    "--identity",
    "identities",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Seal what is sealed already anew, opening it with this age or SSH identity; may be"
    " repeated.",
)
def seal(
    common: Common,
    output: str,
    holding: Holding,
    identities: tuple[Path, ...],
) -> int:
    """Seal the tokens in the state: encrypt each, so that only the recipients can read it.

    Recipients are public keys of age or SSH: those given and those of the manifest. Tokens that
    are sealed already stay as they are, unless --identity opens them: then every token is sealed
    anew, and those who are no longer recipients can open none of them.
    """
    session = build(common, offline=True)
    holding = holding.sealing_for(session.recipients())
    if not (sealed_for := holding.recipients):
        raise UsageError(
            "there is nobody to seal the tokens to",
            hint="name a recipient with --recipient or RECONCILER_RECIPIENTS, or in the manifest's"
            " `state: {recipients: [...]}`; `age-keygen -o key.txt` makes one",
        )
    before = session.state()
    if not before.lineage:
        raise UsageError(
            f"{common.state}: there is no state yet, and so nothing to seal",
            hint="with recipients, `reconciler apply` seals every token from the start",
        )
    warn_of_address(session, before)
    with session.open_store(holding) as store:
        if identities:
            _seal_anew(store, sealed_for, identities)
    _tell(before, session, output, anew=bool(identities), count=len(sealed_for))
    return 0


@command.command(short_help="Bring what a left journal holds into the state file.")
@common
@holding_as_is
@output("text", "json")
def fold(common: Common, holding: Holding, output: str) -> int:
    """Bring what the journal of a run that died holds into the state file.

    The journal beside the state holds what a run recorded before it could write the state anew.
    Every run folds it in when it begins; this does it without a manifest and without a token,
    before the state file is kept, committed or moved. Creates whose fate is unknown stay
    unresolved.
    """
    session = build(common, offline=True)
    with session.open_store(holding) as store:
        state, folded = store.state(), store.took_over
    facts = {"recorded": len(state.instances), "unresolved": sorted(state.pending)}
    if output == "json":
        _answer_json(session, "fold", folded=folded, serial=state.serial, **facts)
        return 0
    done = "folded" if folded else "nothing to fold"
    session.answer(
        f"{common.state}: {done}; {len(state.instances)} recorded, {len(state.pending)} unresolved"
    )
    return 0


@command.command(short_help="Let a record go by another key.")
@click.argument("old", shell_complete=keys.kept)
@click.argument("new", shell_complete=keys.free)
@common
@holding_as_is
@output("text", "json")
def mv(old: str, new: str, common: Common, holding: Holding, output: str) -> int:
    """Let what the state has under the key OLD go by the key NEW; nothing is sent.

    Rename the entry in the manifest, too: otherwise the next apply creates an instance for OLD.
    """
    session = build(common, offline=True)
    with session.open_store(holding) as store:
        state = store.state()
        _check_known(old, state, common)
        if not re.fullmatch(_KEY, new):
            raise UsageError(
                f"{shown(new)}: not a key", hint="write 1 to 63 letters, digits, dots and dashes"
            )
        if new in state.instances or new in state.pending:
            raise UsageError(f"{new} is in the state already; nothing was changed")
        store.record(Moved(old, new))
    if output == "json":
        _answer_json(session, "mv", **{"from": old, "to": new})
    else:
        session.answer(f"{common.state}: {old} goes by {new} now; so must its entry")
    return 0


@command.command(short_help="Forget a record; the instance stays.")
@click.argument("key", shell_complete=keys.kept)
@common
@holding_as_is
@output("text", "json")
def rm(key: str, common: Common, holding: Holding, output: str) -> int:
    """Forget what is recorded for KEY; nothing is sent, and the instance stays and costs money.

    The state keeps the instance's id, as a tombstone, so that nothing records it again by itself.
    `reconciler adopt KEY --id N` takes it back.
    """
    session = build(common, offline=True)
    with session.open_store(holding) as store:
        state = store.state()
        _check_known(key, state, common)
        recorded = state.instances.get(key)
        if recorded is None:
            raise UsageError(
                f"{key}: its create is unresolved, and nothing is recorded; nothing was changed",
                hint=f"say what became of it: reconciler resolve {key} --help",
            )
        known = recorded.id_instance
        at = session.clock().stamp()
        gone = recorded.deleted
        store.record(Forgotten(known, Tombstone(key, recorded.name, at, deleted=gone)))
    if output == "json":
        _answer_json(session, "rm", key=key, idInstance=known)
    elif gone:
        session.answer(f"{common.state}: {key} is forgotten; instance {known} was deleted before")
    else:
        session.answer(
            f"{common.state}: {key} is forgotten; instance {known} stays, and is billed\n"
            f"to take it back: reconciler adopt {key} --id {known}"
        )
    return 0


command.add_command(copy)


_KEY: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"


def _check_known(key: str, state: State, common: Common) -> None:
    if key in state.instances or key in state.pending:
        return
    known = [each for each in (*state.instances, *state.pending) if shown(each) == each]
    near = get_close_matches(key, known, 1)
    if near:
        hint = f"{near[0]} comes near"
    elif known:
        hint = f"`reconciler status -s {common.state}` lists them"
    else:
        hint = f"{common.state} holds none, or is not there: name the state with --state"
    raise UsageError(f"{shown(key)}: the state has no such key; nothing was changed", hint=hint)


def _answer_json(session: Session, command: str, **facts: object) -> None:
    from reconciler.report.json import state_json

    session.answer(state_json(command, str(session.common.state), **facts))


def _seal_anew(store: "Store", sealed_for: Sequence[str], identities: Sequence[Path]) -> None:
    from reconciler.state.sealing import make_opener, make_sealer, reseal

    opener, sealer = make_opener(identities), make_sealer(sealed_for)
    store.rewrite(lambda state: reseal(state, opener, sealer))


def _tell(before: State, session: Session, output: str, *, anew: bool, count: int) -> None:
    """Say what was done; *before* is the state as it was, *count* the number of recipients."""
    tokens = [recorded.token for recorded in before.instances.values()]
    plain = sum(isinstance(token, Secret) for token in tokens)
    sealed = sum(isinstance(token, Sealed) for token in tokens)
    if output == "json":
        from reconciler.report.json import state_json

        facts = {
            "sealed": plain + sealed if anew else plain,
            "sealedBefore": 0 if anew else sealed,
            "unknown": tokens.count(None),
            "recipients": count,
        }
        session.answer(state_json("seal", str(session.common.state), **facts))
        return
    done = counted(plain + sealed if anew else plain, "token")
    session.answer(f"{session.common.state}: {done} sealed to {counted(count, 'recipient')}")
    if sealed and not anew:
        session.answer(
            f"{counted(sealed, 'token')} sealed before, to whoever were the recipients then;"
            " to seal them anew, give --identity FILE"
        )
    if None in tokens:
        unknown = counted(tokens.count(None), "token")
        session.answer(f"{unknown} not known yet; the next apply asks for them, and seals them")
