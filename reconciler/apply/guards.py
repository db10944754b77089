"""What stops a run before anything is sent: the cap, another account, a taken name. Pure."""

from reconciler.errors import GuardError
from reconciler.model import Account
from reconciler.plan import Conflict, Create, Plan
from reconciler.results import PlanRefused
from reconciler.state.model import State


class NameConflict(PlanRefused):
    """Names of *conflicts* are taken: creating would buy second instances."""

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        count = len(conflicts)
        super().__init__(
            f"{count} name{' is' if count == 1 else 's are'} taken in the account already;"
            " nothing was sent",
            hint="record what exists (`reconciler adopt`), or give the entries other names",
            actions=conflicts,
        )
        self.conflicts = conflicts


def check_cap(plan: Plan, max_creates: int) -> None:
    """Raise GuardError when *plan* would create more than *max_creates* instances."""
    count = len(plan.of(Create))
    if count > max_creates:
        raise GuardError(
            f"{count} instance{'' if count == 1 else 's'} would be created and billed, more than"
            f" the cap of {max_creates}; nothing was sent",
            hint=f"if that is what you want, allow it: --max-creates {count}",
        )


def check_names(plan: Plan) -> None:
    """Raise NameConflict when a wanted name is taken, by an instance or by an unresolved create."""
    if conflicts := plan.of(Conflict):
        raise NameConflict(conflicts)


def check_account(state: State, account: Account) -> None:
    """Raise GuardError when the account lists nothing that this state knows of."""
    recorded = {entry.id_instance for entry in state.instances.values()}
    known = recorded.union(*state.snapshots.values())
    if known and known.isdisjoint(account.ids):
        raise GuardError(
            f"none of the {len(recorded)} recorded instances is listed by this account: it looks"
            " like another partner's; nothing was sent",
            hint="check GREEN_API_PARTNER_TOKEN and --api-url, or name the state of this account"
            " with --state; right after the first creates, a listing may lag: try again; if they"
            " were all deleted long ago, move the state away and run `reconciler adopt --all`",
        )


def check_address(state: State, url: str) -> None:
    """Raise GuardError when *state* belongs to another address and nobody may ask the account."""
    if state.api_url is not None and state.api_url != url:
        raise GuardError(
            f"the state belongs to {state.api_url}, but the API is at {url}; nothing was sent",
            hint="run without --no-remote-check, which compares the account with the state, or"
            " name the right --api-url",
        )
