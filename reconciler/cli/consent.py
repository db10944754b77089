"""Who agreed to what costs money, or can't be taken back: a person now, or the options before."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.cli.question import agreed, typed
from reconciler.cli.session import Session
from reconciler.errors import UsageError
from reconciler.logs import is_terminal
from reconciler.report.words import counted

if TYPE_CHECKING:
    from reconciler.apply.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Consent:
    """What the options agree to: *yes* to creating; to deleting only beside a cap that was
    given (*cap_given*), and not left at its default."""

    yes: bool
    cap_given: bool

    def lacks(self, prepared: "Prepared") -> bool:
        """Whether a person must be asked."""
        return any(self._open(prepared))

    def ask(self, prepared: "Prepared", url: str, session: Session) -> bool:
        """Show the plan, and ask; raise UsageError where there is no terminal to ask at."""
        creates, updates, deletes = self._open(prepared)
        if not is_terminal(sys.stdin):
            raise _nobody(creates, updates, deletes)
        from reconciler.report.text import plan_text

        call = session.call(url)
        session.narrate(
            plan_text(prepared.plan, color=session.color_err, width=session.width, call=call)
        )
        things = counted(creates, "instance")
        if creates and not agreed(
            f"Create {things}? Each is billed from now on, at {url}.", session
        ):
            return False
        restarted = counted(updates, "instance")
        if updates and not agreed(f"Update {restarted}? Each is restarted by it.", session):
            return False
        doomed = counted(deletes, "instance")
        return not deletes or typed(
            str(deletes), f"Delete {doomed} for ever, at {url}? Type {deletes} to do it", session
        )

    def _open(self, prepared: "Prepared") -> tuple[int, int, int]:
        if prepared.unreadable is not None:
            return 0, 0, 0
        creates = 0 if self.yes else len(prepared.creates)
        deletes = 0 if self.yes and self.cap_given else len(prepared.deletes)
        return creates, 0 if self.yes else len(prepared.updates), deletes


def _nobody(creates: int, updates: int, deletes: int) -> UsageError:
    what = f"{counted(creates, 'instance')} would be created and billed"
    hint = "add --yes, or look first with `reconciler plan`"
    if updates and not creates:
        what = f"{counted(updates, 'instance')} would be updated, and restarted by that"
        hint = "add --yes, or look first with `reconciler plan --update`"
    if deletes:
        what = f"{counted(deletes, 'instance')} would be deleted for ever"
        hint = f"look with `reconciler plan --prune`; then add --yes --max-deletes {deletes}"
    return UsageError(f"{what}, and there is no terminal to ask at; nothing was sent", hint=hint)
