"""A small world in which everything happens once, for every surface to show."""

from dataclasses import replace
from datetime import UTC, datetime

from reconciler.evidence.settings import LiveSettings
from reconciler.model import (
    Account,
    Adopted,
    Created,
    Deleted,
    Desired,
    Digest,
    Instance,
    Lifecycle,
    NotSent,
    Origin,
    Outcome,
    Pending,
    Place,
    Recorded,
    Recovered,
    Rejected,
    Renamed,
    Scalar,
    Sealed,
    SettingsUpdate,
    Spared,
    Token,
    Unconfirmed,
    Unknown,
    Updated,
)
from reconciler.plan import Plan, diff
from reconciler.results import Report, Result
from reconciler.secrets import Secret
from reconciler.state.digest import digest
from reconciler.state.model import State

LINEAGE = "0b6c7a52-3f0e-4d5c-9d5e-0c6f3f1f9a11"
CHECKSUM = "5f0c" * 16
API = "https://api.green-api.com"
TOKEN = "c1b0474542144e0ead529eb4861ca5f583c346eb00564f64a7"
WEBHOOK_TOKEN = "f93537eb3e8fed66847b5bd"
EVIL = "\x1b[2Jsales\n::error::fake\u202e|<b>`##[group]"
SINCE = "2026-11-22T10:06:00Z"


def desired(key: str, line: int = 1, name: str | None = None, **parameters: Scalar) -> Desired:
    wanted = {k: Secret(v) if k == "webhookUrlToken" else v for k, v in parameters.items()}
    return Desired(key, name or key, wanted, Place("instances.yaml", line, 3))


def recorded(
    number: int,
    name: str,
    *,
    token: Token | None = None,
    origin: Origin = Origin.CREATED,
    **parameters: Scalar | Digest,
) -> Recorded:
    return Recorded(number, token or Secret(TOKEN), "whatsapp", name, parameters, SINCE, origin)


def row(number: int, name: str, minute: int = 6) -> Instance:
    created = f"2026-11-22T10:{minute:02}:00"
    return Instance(number, name, Secret(TOKEN), "whatsapp", created, deleted=False)


ENTRIES = (
    desired("support-eu", 4, incomingWebhook="yes"),
    desired("support-us", 6, name=EVIL, webhookUrl="https://a.example/", webhookUrlToken="x" * 9),
    desired("sales-uk", 9, stateWebhook="yes"),
    desired("sales-de", 12, stateWebhook="yes"),
    desired(
        "sales-fr",
        15,
        webhookUrl="https://hooks.example.com/new/",
        webhookUrlToken=WEBHOOK_TOKEN,
        delaySendMessagesMilliseconds=1000,
        outgoingWebhook="yes",
    ),
    desired("sales-it", 20, stateWebhook="yes"),
    desired("sales-es", 22, stateWebhook="yes"),
    desired("sales-pt", 24, name="twin", stateWebhook="yes"),
    desired("sales-at", 27, stateWebhook="yes")._replace(lifecycle=Lifecycle("sales-ch")),
)
STATE = State(
    LINEAGE,
    7,
    API,
    {
        "sales-fr": recorded(
            1101728002,
            "sales-fr",
            webhookUrl="https://hooks.example.com/old/",
            webhookUrlToken=digest(LINEAGE, "webhookUrlToken", "another"),
            delaySendMessagesMilliseconds=500,
            stateWebhook="yes",
        ),
        "sales-it": recorded(1101728003, "sales-it", stateWebhook="yes"),
        "old-desk": recorded(1101728004, "old-desk", origin=Origin.ADOPTED),
        "sales-es": recorded(1101728005, "sales-es", stateWebhook="yes"),
        "sales-ch": recorded(1101728008, "sales-ch", stateWebhook="yes"),
    },
    {
        "sales-de": Pending("sales-de", {}, SINCE, None),
        "former": Pending("former", {}, SINCE, None),
    },
)
ACCOUNT = Account(
    (
        row(1101728001, "sales-uk"),
        row(1101728002, "sales-fr"),
        row(1101728003, "sales-it"),
        row(1101728004, "old-desk"),
        replace(row(1101728005, "sales-es"), deleted=True),
        row(1101728006, "twin", 7),
        row(1101728007, "twin", 8),
        row(1101728008, "sales-ch"),
    )
)

FATES: tuple[tuple[str, Outcome], ...] = (
    ("sales-at", Renamed("sales-ch")),
    ("support-eu", Created(1101728010, Secret(TOKEN))),
    ("support-us", Created(1101728011, None)),
    ("sales-uk", Adopted(1101728001, Secret(TOKEN))),
    ("sales-de", Recovered(1101728012, Secret(TOKEN))),
    ("sales-nl", Rejected(400, f"delaySendMessagesMilliseconds is wrong {EVIL}")),
    ("sales-be", NotSent("connection refused")),
    (
        "sales-pt",
        Unknown(
            "the answer was cut; the account lists instances that could be it",
            SINCE,
            (row(1101728006, "twin", 7), row(1101728007, EVIL, 8)),
        ),
    ),
    ("former", Unknown("no answer in time; the account does not list it (yet)", SINCE)),
)


# Another day: settings that differ, an update that is not confirmed, instances no more wanted.
DAY_TWO = (
    *ENTRIES[4:7],
    desired("sales-cz", 30, stateWebhook="yes"),
    desired("sales-pl", 32, stateWebhook="yes"),
    desired("sales-be", 34, stateWebhook="yes"),
)
_SENT = SettingsUpdate({"stateWebhook": "yes"}, "2026-11-22T10:05:00Z", "authorized")
DAY_TWO_STATE = replace(
    STATE,
    pending={},
    instances={
        **{key: STATE.instances[key] for key in ("sales-fr", "sales-it", "old-desk", "sales-es")},
        "sales-cz": recorded(1101728009, "sales-cz", stateWebhook="yes"),
        "sales-pl": recorded(1101728013, "sales-pl", stateWebhook="yes"),
        "sales-be": recorded(1101728014, "sales-be", stateWebhook="no")._replace(update=_SENT),
        "front-desk": recorded(1101728015, "front-desk")._replace(protected=True),
        "late-desk": recorded(1101728016, "late-desk"),
    },
)
DAY_TWO_ACCOUNT = Account(
    tuple(
        replace(row(each.id_instance, each.name), is_partner=True, is_free=False)
        for each in DAY_TWO_STATE.instances.values()
    )
)
LIVE = LiveSettings(
    datetime(2026, 11, 23, 5, tzinfo=UTC),
    told={
        1101728003: {"stateWebhook": "no", "webhookUrlToken": Secret("nobody asked for it")},
        1101728005: {"stateWebhook": "Yes"},
        1101728009: {"stateWebhook": "no"},
    },
    silent={1101728013: "the server answered 401 Unauthorized"},
    states={1101728004: "notAuthorized", 1101728016: "authorized"},
)


def mixed_plan() -> Plan:
    return diff(ENTRIES, STATE, ACCOUNT)


def live_plan() -> Plan:
    return diff(DAY_TWO, DAY_TWO_STATE, DAY_TWO_ACCOUNT, live=LIVE)


def update_plan() -> Plan:
    return diff(DAY_TWO, DAY_TWO_STATE, DAY_TWO_ACCOUNT, live=LIVE, update=True, prune=True)


def update_report() -> Report:
    gone = Spared("a phone is linked to it; --even-linked deletes it all the same")
    back = "its settings are set, but it was authorized before and is notAuthorized"
    told = (
        Result(
            "sales-fr", "sales-fr", Updated(1101728002, ("webhookUrl", "outgoingWebhook")), "update"
        ),
        Result("sales-it", "sales-it", Unconfirmed(back, unlinked=True), "update"),
        Result("sales-cz", "sales-cz", NotSent("sales-it lost its phone by its update"), "update"),
        Result("sales-be", "sales-be", Rejected(400, "Validation failed"), "update"),
        Result("old-desk", "old-desk", Deleted(1101728004), "delete"),
        Result("late-desk", "late-desk", gone, "delete"),
    )
    return replace(report(plan=update_plan(), wanted=6, recorded=6), results=told)


def quiet_plan() -> Plan:
    return diff(ENTRIES[5:6], State(LINEAGE, 7, API, {"sales-it": STATE.instances["sales-it"]}))


def big_plan(number: int) -> Plan:
    return diff(
        [desired(f"desk-{i:04}", i + 1, stateWebhook="yes") for i in range(number)], State("")
    )


def report(*fates: tuple[str, Outcome], plan: Plan | None = None, **changes: object) -> Report:
    names = {entry.key: entry.name for entry in ENTRIES}
    results = tuple(Result(key, names.get(key, key), fate) for key, fate in fates)
    settings: dict[str, object] = {"wanted": 10, "recorded": 7, "seconds": 83.4} | changes
    return Report(
        run_id="5a1c9e0d2b7f4c33",
        started="2026-11-23T05:00:00Z",
        plan=plan or mixed_plan(),
        results=results,
        **settings,  # type: ignore[arg-type]  # each test names its own
    )


def mixed_report() -> Report:
    return report(*FATES)


def quiet_report() -> Report:
    return report(plan=quiet_plan(), wanted=1, recorded=1, seconds=0.42)


def sealed_state() -> State:
    instances = {
        "support-eu": recorded(1101728000, "support-eu"),
        "sales-uk": recorded(1101728001, "Sales UK", token=Sealed("-----BEGIN AGE…")),
        "sales-fr": Recorded(1101728002, None, None, "sales-fr", {}, SINCE, Origin.RECOVERED),
        "gone": recorded(1101728099, EVIL),
    }
    return State(LINEAGE, 12, API, instances, {"sales-de": Pending("sales-de", {}, SINCE, None)})


SEALED_ACCOUNT = Account(
    (
        row(1101728000, "support-eu"),
        row(1101728001, "Renamed"),
        row(1101728002, "sales-fr"),
        replace(row(1101728099, EVIL), deleted=True),
        row(1101728050, "by hand"),
    )
)
