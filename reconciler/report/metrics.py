"""Gauges for node_exporter's textfile collector. The home of prometheus_client."""

from collections.abc import Mapping
from typing import Final

from reconciler.errors import MissingExtra
from reconciler.plan import Plan
from reconciler.report.failure import Failure
from reconciler.report.kinds import ACTIONS, LEFT_ALONE
from reconciler.report.summary import failures, left_alone, pending_age, unresolved_since
from reconciler.results import Report

GAUGES: Final[Mapping[str, str]] = {
    "reconciler_last_run_timestamp_seconds": "When the last run ended, in seconds since 1970.",
    "reconciler_last_success_timestamp_seconds": "When a run last ended with exit code 0.",
    "reconciler_wanted_instances": "Entries of the manifest.",
    "reconciler_recorded_instances": "Entries of the manifest whose instance is recorded.",
    "reconciler_created_instances": "Instances that the last run created.",
    "reconciler_renamed_instances": "Records that the last run moved to another key.",
    "reconciler_updated_instances": "Instances whose settings the last run set.",
    "reconciler_not_confirmed_instances": "Instances that do not show what was sent to them.",
    "reconciler_failed_instances": "Entries that the last run could not create, set or delete.",
    "reconciler_deleted_instances": "Instances that the last run deleted.",
    "reconciler_unresolved_instances": "Creates whose fate is unknown.",
    "reconciler_pending_age_seconds": "For how long the oldest of these has been unknown.",
    **{
        f"reconciler_{ACTIONS[kind].word}_instances": f"Instances: {ACTIONS[kind].phrase}."
        for kind in LEFT_ALONE
    },
    "reconciler_run_seconds": "How long the last run took.",
    "reconciler_exit_code": "The exit code of the last run.",
}
_SUCCESS: Final = "reconciler_last_success_timestamp_seconds"
_BOUGHT: Final = (
    "reconciler_created_instances",
    "reconciler_renamed_instances",
    "reconciler_updated_instances",
    "reconciler_not_confirmed_instances",
    "reconciler_deleted_instances",
    "reconciler_failed_instances",
)
_KEPT: Final = (  # what a run that failed early can't have changed
    _SUCCESS,
    "reconciler_wanted_instances",
    "reconciler_recorded_instances",
    "reconciler_unresolved_instances",
    "reconciler_pending_age_seconds",
    *(f"reconciler_{ACTIONS[kind].word}_instances" for kind in LEFT_ALONE),
)


def metrics_text(run: Report | Failure, *, previous: str | None, now: float) -> str:
    """Return the metrics of *run* in Prometheus' text format.

    *previous* is the file's text so far: it holds the last success when this run is none, and
    what is wanted and recorded when this run ended too early to know. *now* is in seconds since
    1970. Raises UsageError when the extra `metrics` is not installed.
    """
    check_installed()
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    values = {name: value for name, value in _parsed(previous).items() if name in _KEPT}
    values |= _values(run, now)
    registry = CollectorRegistry()
    for name, help_text in GAUGES.items():
        if name in values:
            Gauge(name, help_text, registry=registry).set(values[name])
    return generate_latest(registry).decode("utf-8")


def check_installed() -> None:
    """Raise UsageError when the extra `metrics` is not installed: before a run, not after it."""
    from importlib.util import find_spec

    if find_spec("prometheus_client") is None:
        raise MissingExtra("--metrics", "prometheus-client", extra="metrics")


def _values(run: Report | Failure, now: float) -> dict[str, float]:
    common = {
        "reconciler_last_run_timestamp_seconds": now,
        "reconciler_run_seconds": round(run.seconds, 3),
        "reconciler_exit_code": run.exit_code,
    }
    if isinstance(run, Failure):
        return common | (dict.fromkeys(_BOUGHT, 0) if run.bought_nothing else {})
    if run.exit_code == 0 and not run.declined:
        common[_SUCCESS] = now
    return common | {
        "reconciler_wanted_instances": run.wanted,
        "reconciler_recorded_instances": run.recorded,
        "reconciler_created_instances": run.counts["created"],
        "reconciler_renamed_instances": run.counts["renamed"],
        "reconciler_updated_instances": run.counts["updated"],
        "reconciler_not_confirmed_instances": run.counts["not_confirmed"],
        "reconciler_deleted_instances": run.counts["deleted"],
        "reconciler_failed_instances": failures(run),
        "reconciler_unresolved_instances": run.counts["unresolved"],
        "reconciler_pending_age_seconds": pending_age(unresolved_since(run), now),
        **_left_alone(run.plan),
    }


def _left_alone(plan: Plan) -> dict[str, float]:
    """Count what was reported; what only the account can tell is not 0 when nobody asked it."""
    return {
        f"reconciler_{word}_instances": number
        for word, number in left_alone(plan).items()
        if plan.refreshed or number or word != "missing"
    }


def _parsed(previous: str | None) -> dict[str, float]:
    from prometheus_client.parser import text_string_to_metric_families

    try:
        families = list(text_string_to_metric_families(previous or ""))
    except (ValueError, IndexError, KeyError):
        return {}  # a file that is not ours, or damaged: it is replaced
    return {sample.name: sample.value for family in families for sample in family.samples}
