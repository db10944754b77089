"""What `apply` is bound to: a saved plan, or the checksum of one."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.options.arguments import PlanArgument
from reconciler.cli.options.declare import option, theme
from reconciler.cli.session import Session
from reconciler.errors import GuardError, UsageError
from reconciler.plan import checksum

if TYPE_CHECKING:
    from reconciler.model import Desired
    from reconciler.plan import Among


@dataclass(frozen=True, slots=True)
class Bound:
    """What a saved plan or --expect-checksum demands: *done* is None when anything will do."""

    checksum: str
    done: "Among | None"


@dataclass(frozen=True, slots=True)
class Binding:
    """The file of a saved plan, and the checksum that is expected."""

    planfile: Path | None
    expect_checksum: str | None

    def read(self) -> Bound | None:
        """Return what is demanded, if anything; raise UsageError, GuardError."""
        planfile, expected = self.planfile, self.expect_checksum
        if planfile is None:
            return Bound(expected, None) if expected else None
        from reconciler.report.planfile import read_plan

        try:
            text = planfile.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"{planfile}: the plan can't be read: {getattr(error, 'strerror', 'not UTF-8')}",
                hint="save one with `reconciler plan --out FILE`",
            ) from None
        saved = read_plan(text, source=str(planfile))
        if expected and expected != saved.checksum:
            raise GuardError("--expect-checksum is not the checksum of this plan; nothing was sent")
        return Bound(saved.checksum, saved.done)


binding = theme(
    "binding",
    Binding,
    click.argument("planfile", required=False, type=PlanArgument()),
    option(
        "--expect-checksum", metavar="SHA", help="Stop unless `plan --checksum` still prints this."
    ),
)


def check_bound(
    bound: Bound | None, entries: "tuple[Desired, ...]", url: str, session: Session
) -> None:
    if bound is None:
        return
    if checksum(entries, session.state(), url) != bound.checksum:
        raise GuardError(
            "the plan is stale: the manifest, the state or the URL of the API is not what it was"
            " made from, or it was applied already; nothing was sent",
            hint="make a new plan, review it, and apply that",
        )
