"""`reconciler apply`: create what is missing, each exactly once, and record it."""

import gc
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from reconciler.cli.bound import Binding, Bound, binding, check_bound
from reconciler.cli.consent import Consent
from reconciler.cli.notices import log_plan, warn_of_listing
from reconciler.cli.options.api import Api, Reaching, api, reaching
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.declare import flag, option
from reconciler.cli.options.destinations import Destinations, destinations
from reconciler.cli.options.holding import Holding, holding
from reconciler.cli.options.running import running
from reconciler.cli.options.second_day import SecondDay, second_day
from reconciler.cli.options.selection import Selection, selection
from reconciler.cli.pages import Command
from reconciler.cli.publish import load_manifest, publisher, telling
from reconciler.cli.reach import ways_for
from reconciler.cli.session import Session, build
from reconciler.errors import UsageError
from reconciler.plan import Delete, Update

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.apply.checkpoint import Checkpoint
    from reconciler.apply.ports import Options
    from reconciler.apply.prepared import Prepared
    from reconciler.apply.run import Run
    from reconciler.partner.client import Partner
    from reconciler.plan import Plan
    from reconciler.report.words import Call
    from reconciler.results import Report
    from reconciler.state.model import State


@click.command(cls=Command)
@binding
@common
@output("text", "json")
@flag("--yes", "Skip the question; needed without a terminal.")
@running
@selection
@second_day
@reaching
@option(
    "--checkpoint",
    metavar="COMMAND",
    help="Run by `sh -c` once everything to be sent is announced in the state file, before the"
    " first request, and at the end: what takes the state to safety. Its failure stops the run.",
)
@holding
@api
@destinations
def command(
    binding: Binding,
    common: Common,
    output: str,
    yes: bool,
    options: "Options",
    selection: Selection,
    second_day: SecondDay,
    reaching: Reaching,
    checkpoint: str | None,
    holding: Holding,
    api: Api,
    destinations: Destinations,
) -> int:
    """Create what is missing, each exactly once, and record it.

    With PLANFILE (from `plan --out`), carry out that plan, and nothing if anything has changed
    since it was saved.
    """
    session = build(common, offline=False)
    published = publisher(session, destinations)
    clock = session.clock()
    began = clock.stamp(), clock.monotonic()
    with telling(published, "reconciler apply", session):
        session.log.info("run_started", command="apply")
        manifest = load_manifest(session, published)
        bound = binding.read()
        access = session.access(api)
        with session.open_store(holding.sealing_for(manifest.recipients)) as store:
            from reconciler.apply.run import Run

            entries, run_id, log = manifest.entries, session.run_id, session.log
            selection.check(entries, store.state())
            options = _completed(options, selection, second_day, bound)
            saver, ways = _checkpoint(checkpoint, session), ways_for(access.url, reaching)
            run = Run(run_id, entries, store, access.url, options, clock, log, *began, saver, ways)
            check_bound(bound, entries, access.url, session)
            connect = partial(session.partner, access, timeout=options.timeout)
            report = _run(run, connect, session, Consent(yes, second_day.cap_given))
    call = session.call(access.url)
    published.finished(report, call)
    return _finish(report, output, session, call)


def _tokenless(state: "State") -> set[str]:
    return {key for key, recorded in state.instances.items() if recorded.token is None}


def _checkpoint(command: str | None, session: Session) -> "Checkpoint | None":
    if command is None:
        return None
    from reconciler.cli.hooks import ShellCheckpoint

    return ShellCheckpoint(command, session.common.state, session.env)


def _completed(
    options: "Options", selection: Selection, second_day: SecondDay, bound: Bound | None
) -> "Options":
    """Return *options* with what other options, or a saved plan, say is to be done."""
    saved = None if bound is None else bound.done  # says itself what is to be done
    prune = second_day.prune or bool(saved and saved.get(Delete))
    updates_saved = bool(saved and saved.get(Update))  # and with --live: it may be of a drift
    if not options.remote_check and (second_day.recreate or prune):
        raise UsageError(
            "--prune and --recreate do nothing that the account's listing does not prove",
            hint="leave out --no-remote-check",
        )
    return replace(
        options,
        only=selection.only,
        exclude=selection.exclude,
        new=selection.new,
        among=saved,
        recreate=second_day.recreate or saved is not None,
        prune=prune,
        max_deletes=second_day.max_deletes,
        live=second_day.live or updates_saved,
        update=second_day.update or updates_saved,
        max_updates=second_day.max_updates,
        canary=second_day.canary,
        batch=second_day.batch,
    )


def _run(
    run: "Run", connect: "Callable[[], Partner]", session: Session, consent: Consent
) -> "Report":
    unknown, plan = _tokenless(run.store.state()), run.decide()
    if run.idle(plan):
        log_plan(session, plan)
        return run.stay_offline(plan)
    with connect() as partner:
        report = _go(run, plan, partner, session, consent)
    return replace(report, tokens_found=len(unknown - _tokenless(run.store.state())))


def _go(
    run: "Run", plan: "Plan", partner: "Partner", session: Session, consent: Consent
) -> "Report":
    from reconciler.apply.stop import Stop
    from reconciler.cli.signals import listening, watching

    try:
        prepared = _prepare(run, plan, partner, session)
    except KeyboardInterrupt:
        raise click.Abort("nothing was sent") from None
    warn_of_listing(session, prepared.plan)
    log_plan(session, prepared.plan)
    creates = len(prepared.creates)
    if questioned := consent.lacks(prepared):
        asked = run.clock.monotonic()
        if not consent.ask(prepared, run.url, session):
            return run.decline(prepared)
        # how long a person thinks is no part of how long the run took
        run.started += run.clock.monotonic() - asked
    if (creates or prepared.deletes) and prepared.unreadable is None:
        gc.enable()  # such a run may last: what `main` saved the short ones ends here
    stop = Stop()
    with (
        watching(creates, session) as progress,
        listening(stop, session.narrate, progress, leave=run.leave),
    ):
        return run.carry_out(prepared, partner, stop, asked=questioned)


def _prepare(run: "Run", plan: "Plan", partner: "Partner", session: Session) -> "Prepared":
    from reconciler.apply.guards import NameConflict

    try:
        return run.prepare(plan, partner)
    except NameConflict as stopped:
        from reconciler.report.rows import owners_among
        from reconciler.report.text import conflict_text

        text = conflict_text(
            stopped.conflicts,
            owners_among(run.store.state().instances),
            color=session.color_err,
            width=session.width,
            call=session.call(run.url),
        )
        session.narrate(text)
        raise


def _finish(report: "Report", output: str, session: Session, call: "Call") -> int:
    session.ended(
        "run_finished",
        **report.counts,
        tokens_found=report.tokens_found,
        seconds=round(report.seconds, 3),
        exit_code=report.exit_code,
    )
    if output == "json":
        from reconciler.report.json import run_json

        session.answer(run_json(report, call=call))
    else:
        from reconciler.report.text import run_text

        text = run_text(report, color=session.color_out, width=session.width, call=call)
        session.answer(session.sieve.clean(text))
    return report.exit_code
