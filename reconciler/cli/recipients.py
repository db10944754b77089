"""Who the tokens in the state are sealed to, and whether they need be."""

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import click

from reconciler.cli.invocation import Invocation
from reconciler.cli.options import Common, option
from reconciler.manifest.problems import Severity

if TYPE_CHECKING:
    from reconciler.cli.session import Session

R = TypeVar("R")


class _Line(click.types.StringParamType):
    """A text; an environment variable holds one a line, since an SSH key has blanks in it."""

    envvar_list_splitter = "\n"


def _allow(ctx: click.Context, param: click.Parameter, given: bool) -> None:
    """Keep it for the warning; no command has to hand it on."""
    del param
    ctx.ensure_object(Invocation).tokens_in_bucket = given


tokens_in_bucket = option(
    "--tokens-in-bucket",
    is_flag=True,
    expose_value=False,
    callback=_allow,
    help="The bucket of the state is the place for tokens in plain text: don't warn of them.",
)
_recipient = option(
    "--recipient",
    "recipients",
    multiple=True,
    type=_Line(),
    envvar="RECONCILER_RECIPIENTS",
    metavar="AGE1…",
    help="Seal tokens to this age recipient; may be repeated.",
)


def recipients(command: Callable[..., R]) -> Callable[..., R]:
    """Add who the tokens are sealed to, and that they need not be."""
    return _recipient(tokens_in_bucket(command))


def merged_recipients(of_manifest: Iterable[str], given: Iterable[str]) -> tuple[str, ...]:
    """Return every recipient once: the manifest's, then those of options and environment.

    An SSH public key is one recipient of two or three words; others are split at blanks.
    """
    words: list[str] = []
    for text in given:
        words += [text] if text.startswith("ssh-") else text.replace(",", " ").split()
    return tuple(dict.fromkeys((*of_manifest, *words)))


def recipients_of(common: Common, session: "Session") -> tuple[str, ...]:
    """Return the recipients that the manifest names, if there is a manifest at all.

    For them, what references name need not be there, and is not asked for.
    """
    if not any(os.path.lexists(path) for path in common.manifests):
        return ()
    manifest = session.load(resolve=False)
    wrong = [each for each in manifest.problems if each.severity is not Severity.NOTE]
    return session.demand(replace(manifest, problems=tuple(wrong))).recipients
