"""Everything that is known of one key, for people."""

from collections.abc import Iterator

from reconciler.differences import Difference
from reconciler.model import Digest, Instance, Kept, Recorded
from reconciler.partner.instances import Profile
from reconciler.report.details import Details
from reconciler.report.page import Page
from reconciler.report.rows import value_text
from reconciler.report.status import Status, StatusRow
from reconciler.report.status_text import account_words, state_words, unresolved_lines
from reconciler.report.words import HIDDEN, NO_CALL, Call, printable, quoted

Fact = tuple[str, str]


def details_text(
    details: Details, status: Status, *, color: bool, width: int, call: Call = NO_CALL
) -> str:
    """Return *details* for a terminal of *width* columns; *status* is that of this key alone."""
    page, row = Page(color, width), details.row
    known = f"instance {row.recorded.id_instance}" if row else "not recorded"
    lines = page.title(f"{printable(details.key)}: {known}")
    lines += page.prose(call.where) if call.where else []
    if row is not None:
        lines += ["", *_table(list(_facts(row, details.listed, details.profile)), page)]
        lines += _parameters(row.recorded, page)
        if row.settings and row.settings.differences:
            lines += ["", "the instance itself has (--live):"]
            lines += _table([_difference(each) for each in row.settings.differences], page)
    if status.pending:
        lines += ["", *unresolved_lines(status, page, call)]
    if details.history:
        lines += ["", "history:"]
        for each in details.history:
            what = ", ".join([each.note, *([each.phone] if each.phone else [])])
            said = f"{each.at or 'at no known time'}  {each.word.replace('_', ' ')}: {what}"
            lines += page.prose(printable(said), indent=2)
    return "\n".join(lines) + "\n"


def _facts(row: StatusRow, listed: Instance | None, profile: Profile | None) -> Iterator[Fact]:
    recorded = row.recorded
    yield "name", quoted(recorded.name)
    yield "type", recorded.type_instance or "not known"
    yield "token", row.token.value
    yield recorded.origin.value, recorded.created_at
    if url := recorded.extra.get("apiUrl"):
        yield "asked at", url
    yield from _marks(recorded)
    if row.account is not None:
        yield "account", account_words(row)
    if listed is not None:
        yield from _listed(listed)
    if row.state is not None:
        yield "state", state_words(row)
    if profile is not None:
        yield "phone", profile.phone or "none"
        if profile.suspended_until:
            yield "suspended until", profile.suspended_until
    if row.settings is not None:
        drifted = len(row.settings.drifted)
        same = f"{drifted} otherwise than recorded" if drifted else "as recorded"
        yield "settings", f"not read: {row.settings.reason}" if row.settings.reason else same


def _marks(recorded: Recorded) -> Iterator[Fact]:
    if recorded.protected:
        yield "protected", "yes: it is never deleted"
    if recorded.reported:
        yield "wanted", "an apply has shown that no entry wants it any more"
    if recorded.deleted:
        yield "deleted", "the account once listed it as deleted"
    if recorded.deletion:
        yield "deletion", f"announced {recorded.deletion}, not confirmed yet"
    if recorded.rotating:
        yield "rotation", "a new token was asked for: the next rotate looks what became of it"
    if recorded.update and not recorded.update.confirmed:
        yield "update", f"announced {recorded.update.since}, not confirmed yet"


def _listed(listed: Instance) -> Iterator[Fact]:
    yield "made there", listed.time_created or "at no known time"
    if listed.time_deleted:
        yield "deleted there", listed.time_deleted
    if listed.expires:
        yield "expired" if listed.is_expired else "expires", listed.expires
    if listed.of_other_plan:
        yield "plan", "not the partner's"


def _parameters(recorded: Recorded, page: Page) -> list[str]:
    if not recorded.parameters:
        return []
    facts = [(name, _kept(value)) for name, value in recorded.parameters.items()]
    return ["", "recorded parameters:", *_table(facts, page)]


def _kept(value: Kept) -> str:
    return HIDDEN if isinstance(value, Digest) else value_text(value)


def _difference(each: Difference) -> Fact:
    if each.secret:
        return each.parameter, f"{HIDDEN} differs"
    live = "not set" if each.recorded is None else value_text(each.recorded)
    held = "not set" if each.wanted is None else value_text(each.wanted)
    return each.parameter, f"{live}, recorded {held}"


def _table(facts: list[Fact], page: Page) -> list[str]:
    width = max(len(name) for name, _ in facts)
    lines: list[str] = []
    for name, text in facts:
        first, *more = page.prose(printable(text), indent=width + 4)
        lines += [f"  {printable(name):<{width}}  {first.lstrip()}", *more]
    return lines
