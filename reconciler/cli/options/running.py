"""How far, how fast and how long `apply` goes: the options that it alone has."""

from typing import TYPE_CHECKING

from reconciler.cli.options.arguments import Amount
from reconciler.cli.options.declare import flag, number, option, seconds, theme

if TYPE_CHECKING:
    from reconciler.apply.ports import Options


def _options(
    concurrency: int,
    rate: float,
    max_creates: int,
    adopt: bool,
    even_linked: bool,
    even_unlinkable: bool,
    fail_fast: bool,
    timeout: float,
    settle: float,
    settled_after: float,
    no_remote_check: bool,
    accept_url: bool,
) -> "Options":
    from reconciler.apply.ports import Options

    return Options(
        concurrency=concurrency,
        rate=rate,
        max_creates=max_creates,
        adopt=adopt,
        even_linked=even_linked,
        even_unlinkable=even_unlinkable,
        fail_fast=fail_fast,
        timeout=timeout,
        settle=settle,
        settled_after=settled_after,
        remote_check=not no_remote_check,
        accept_url=accept_url,
    )


running = theme(
    "options",
    _options,
    number("--concurrency", 8, 1, "Requests in flight at the same time.", most=256),
    option(
        "--rate",
        type=Amount(min=0),
        default=10,
        show_default=True,
        metavar="N",
        help="Requests a second at the most; 0: no bound but the API's own.",
    ),
    number("--max-creates", 100, 0, "Stop before anything is sent if more would be created."),
    flag("--adopt", "Record live instances of a wanted name instead of stopping."),
    flag("--even-linked", "With --prune: delete instances that a phone is linked to."),
    flag(
        "--even-unlinkable",
        "With --prune: delete instances that can't be logged out from their phone.",
    ),
    flag("--fail-fast", "Launch nothing more after the first failure."),
    seconds(
        "--timeout",
        180,
        "How many seconds to wait for the answer to a create.",
        min_open=True,
        max=86_400,
    ),
    seconds("--settle", 60, "How long this run keeps asking for the fate of an unknown create."),
    seconds(
        "--settled-after",
        600,
        "An unresolved create whose exposure ended longer ago than this, and that the account"
        " does not list, counts as not created.",
    ),
    flag(
        "--no-remote-check",
        "Do not read the account before creating: a lost state file buys everything again.",
    ),
    flag("--accept-url", "The account of this state has another URL now: record it."),
)
