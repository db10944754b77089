"""`reconciler state`: look after the state file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.notices import warn_of_address
from reconciler.cli.options import Common, common, lock_timeout, option, recipients
from reconciler.cli.pages import Commands
from reconciler.cli.session import Session, build, merged_recipients, recipients_of
from reconciler.errors import UsageError
from reconciler.model import Sealed
from reconciler.report.words import counted
from reconciler.secrets import Secret
from reconciler.state.model import State

if TYPE_CHECKING:
    from reconciler.state.store import Store


@click.group(cls=Commands)
def command() -> None:
    """Look after the state file."""


@command.command(short_help="Seal the tokens in the state to the recipients.")
@common
@lock_timeout
@recipients
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
    lock_timeout: float,
    recipients: tuple[str, ...],
    identities: tuple[Path, ...],
) -> int:
    """Seal the tokens in the state to the recipients: those given and those of the manifest.

    Tokens that are sealed already stay as they are, unless --identity opens them: then every
    token is sealed anew, and those who are no longer recipients can open none of them.
    """
    session = build(common, offline=True)
    sealed_for = merged_recipients(recipients_of(common, session), recipients)
    if not sealed_for:
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
    with session.open_store(sealed_for, lock_timeout) as store:
        if identities:
            _seal_anew(store, sealed_for, identities)
    _tell(before, session, anew=bool(identities), count=len(sealed_for))
    return 0


def _seal_anew(store: "Store", sealed_for: Sequence[str], identities: Sequence[Path]) -> None:
    from reconciler.state.sealing import make_opener, make_sealer, reseal

    opener, sealer = make_opener(identities), make_sealer(sealed_for)
    store.rewrite(lambda state: reseal(state, opener, sealer))


def _tell(before: State, session: Session, *, anew: bool, count: int) -> None:
    """Say what was done; *before* is the state as it was, *count* the number of recipients."""
    tokens = [recorded.token for recorded in before.instances.values()]
    plain = sum(isinstance(token, Secret) for token in tokens)
    sealed = sum(isinstance(token, Sealed) for token in tokens)
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
