"""How a run takes the state: how long it waits for it, and who the tokens are sealed to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import click

from reconciler.cli.invocation import Invocation
from reconciler.cli.options.declare import option, seconds, theme


@dataclass(frozen=True, slots=True)
class Holding:
    """*lock_timeout*: how many seconds another run is waited for; *recipients*: who the tokens that
    this one brings are sealed to, None where it brings none."""

    lock_timeout: float
    recipients: tuple[str, ...] | None = None

    def sealing_for(self, of_manifest: Iterable[str]) -> "Holding":
        """Return the same with the recipients *of_manifest* as well."""
        return replace(self, recipients=merged_recipients(of_manifest, self.recipients or ()))


def merged_recipients(of_manifest: Iterable[str], given: Iterable[str]) -> tuple[str, ...]:
    """Return every recipient once: the manifest's, then those of options and environment.

    An SSH public key is one recipient of two or three words; others are split at blanks.
    """
    words: list[str] = []
    for text in given:
        words += [text] if text.startswith("ssh-") else text.replace(",", " ").split()
    return tuple(dict.fromkeys((*of_manifest, *words)))


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
_lock_timeout = seconds(
    "--lock-timeout", 0, "How many seconds to wait for another run that holds the state."
)
holding_as_is = theme("holding", Holding, _lock_timeout)
holding = theme(
    "holding",
    Holding,
    _lock_timeout,
    option(
        "--recipient",
        "recipients",
        multiple=True,
        type=_Line(),
        envvar="RECONCILER_RECIPIENTS",
        metavar="AGE1…",
        help="Seal tokens to this age recipient; may be repeated.",
    ),
    tokens_in_bucket,
)
