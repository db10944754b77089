"""What is told beside an answer: a state of another API, what a listing showed, what is planned."""

from reconciler.apply.guards import address_trouble
from reconciler.cli.session import Session
from reconciler.plan import Plan
from reconciler.report.oddities import objection_text, oddity_text
from reconciler.report.summary import plan_counts
from reconciler.state.model import State

_VARIABLES = ("RECONCILER_API_URL", "GREEN_API_PARTNER_URL")


def warn_of_address(session: Session, state: State, url: str | None = None) -> None:
    """Warn if *state* belongs to another API than the one at *url*, or than the environment's.

    For what stays offline: whoever asks an API is stopped instead.
    """
    named = [url, *(session.env.get(name) for name in _VARIABLES)]
    if meant := next(filter(None, named), None):
        trouble = address_trouble(state, meant)
        if trouble is not None:
            session.warn(trouble)


def log_plan(session: Session, plan: Plan) -> None:
    """Log how many actions of each kind *plan* has."""
    told = {word: n for word, n in plan_counts(plan).items() if n or word == "create"}
    session.log.info("plan_computed", **told)


def warn_of_listing(session: Session, plan: Plan) -> None:
    """Warn of what the account listed that does not fit the records, and of what it lacks."""
    if plan.objections:
        session.warn(objection_text(plan.objections))
    account = session.common.account
    for oddity in plan.oddities:
        session.warn(oddity_text(oddity, account.price_per_day if account else None))
