"""What stops a run before anything is sent: the cap, another account or API, a name that is taken,
an entry that looks like a renamed one. Pure."""

from collections.abc import Sized
from datetime import datetime
from math import ceil

from reconciler.errors import GuardError
from reconciler.evidence.addresses import is_on_loopback, same_address
from reconciler.evidence.listings import is_another_account, shows_another_account
from reconciler.model import Account
from reconciler.plan import Conflict, Create, Delete, Lookalike, Plan, Update
from reconciler.results import PlanRefused
from reconciler.state.model import State


class NameConflict(PlanRefused):
    """Names of *conflicts* are taken: creating would buy second instances."""

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        count = len(conflicts)
        super().__init__(
            f"{count} name{' is' if count == 1 else 's are'} taken in the account already;"
            " nothing was sent",
            hint="record what exists (`reconciler adopt`), or give the entries other names; where"
            " a name is only alike, `reconciler adopt KEY --id N`, or --new KEY",
            actions=conflicts,
        )
        self.conflicts = conflicts


class RenamedEntry(PlanRefused):
    """Entries of *lookalikes* seem to be recorded under another key: each would be bought again."""

    def __init__(self, lookalikes: tuple[Lookalike, ...]) -> None:
        first, count = lookalikes[0], len(lookalikes)
        others = f" (and {count - 1} more entries like that)" if count > 1 else ""
        super().__init__(
            f"{first.key} would be bought, but {first.orphan} ({first.recorded.id_instance}), which"
            f" is no longer wanted, {first.why}{others}; nothing was sent",
            hint=f"renamed: write `lifecycle: {{previously: {first.orphan}}}` below {first.key}, or"
            f" run `reconciler state mv {first.orphan} {first.key}`; really new: --new {first.key}",
            actions=lookalikes,
        )
        self.lookalikes = lookalikes


def check_cap(plan: Plan, max_creates: int) -> None:
    """Raise PlanRefused when *plan* would create more than *max_creates* instances."""
    creates = plan.of(Create)
    if len(creates) > max_creates:
        raise PlanRefused(
            f"{_instances(creates)} would be created and billed, more than"
            f" the cap of {max_creates}; nothing was sent",
            hint=f"if that is what you want, allow it: --max-creates {len(creates)}",
            actions=creates,
        )


def check_deletes(plan: Plan, account: Account | None, max_deletes: int) -> None:
    """Raise PlanRefused when *plan* would delete more than *max_deletes* instances, or more than a
    fifth of *account*, where that was asked: a manifest that was cut looks like many orphans."""
    deletes = plan.of(Delete)
    if len(deletes) > max_deletes:
        raise PlanRefused(
            f"{_instances(deletes)} would be deleted for ever, more than the cap of {max_deletes};"
            " nothing was sent",
            hint=f"if that is what you want, allow it: --max-deletes {len(deletes)}",
            actions=deletes,
        )
    if not deletes or account is None:
        return
    managed = sum(not row.of_other_plan for row in account.live)
    if len(deletes) > (share := ceil(managed / 5)):
        raise PlanRefused(
            f"{_instances(deletes)} would be deleted for ever, of {managed} in the account: a"
            f" fifth, {share}, is the most that one run deletes; nothing was sent",
            hint=f"is the manifest whole? If so, choose {share} of them with --only",
            actions=deletes,
        )


def check_updates(plan: Plan, max_updates: int) -> None:
    """Raise PlanRefused when *plan* would set the settings of more than *max_updates* instances."""
    updates = plan.of(Update)  # an announced one, too: it is set anew if it was not done
    if len(updates) > max_updates:
        raise PlanRefused(
            f"{_instances(updates)} would be updated, and restarted by that, more than the cap of"
            f" {max_updates}; nothing was sent",
            hint=f"if that is what you want, allow it: --max-updates {len(updates)}",
            actions=updates,
        )


def _instances(actions: Sized) -> str:
    return f"{len(actions)} instance{'' if len(actions) == 1 else 's'}"


def check_names(plan: Plan) -> None:
    """Raise NameConflict when a wanted name is taken, RenamedEntry when a create looks like a
    record that is no longer wanted."""
    if conflicts := plan.of(Conflict):
        raise NameConflict(conflicts)
    if lookalikes := plan.of(Lookalike):
        raise RenamedEntry(lookalikes)


def check_account(state: State, account: Account, now: datetime) -> None:
    """Raise GuardError when the account lists nothing of what it must list for this state."""
    if is_another_account(state, account, now):
        raise _another_account(state)


def check_proof(state: State, account: Account) -> None:
    """Raise GuardError unless *account* lists something that is recorded, if anything is.

    For what nothing but the listing can show: that an id is this account's, or that the account
    has moved to another URL. A listing that lags is no excuse then: it can be read again.
    """
    if shows_another_account(state, account):
        raise _another_account(state)


def _another_account(state: State) -> GuardError:
    return GuardError(
        f"none of the {len(state.instances)} recorded instances is listed by this account: it"
        " looks like another partner's; nothing was sent",
        hint="check GREEN_API_PARTNER_TOKEN and --api-url, or name the state of this account"
        " with --state; right after the first creates, a listing may lag: try again; if they were"
        " all deleted long ago, forget them (`reconciler state rm KEY`)",
    )


def address_trouble(state: State, url: str) -> str | None:
    """Return that *state* belongs to the API at another address, None where it does not."""
    if state.api_url is None or same_address(state.api_url, url):
        return None
    return f"the state belongs to {state.api_url}, but the API is at {url}"


def check_address(state: State, url: str) -> None:
    """Raise GuardError when *state* belongs to the API at another address.

    To be called before anything is sent, and when there is nothing to send, too: what is recorded
    at one API says nothing about another.
    """
    if (trouble := address_trouble(state, url)) is not None:
        hint = (
            "name the right --api-url or --state; if the same account has moved,"
            " `reconciler apply --accept-url`"
        )
        if state.api_url and is_on_loopback(state.api_url):
            hint = (
                "its instances are a sandbox's: move it away, or name another one with --state; or"
                " set GREEN_API_PARTNER_URL to the sandbox"
            )
        raise GuardError(f"{trouble}; nothing was sent", hint=hint)
