"""The status for people: a table where it fits the terminal, else a block for each entry."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from reconciler.evidence.states import Sighting
from reconciler.plan import Unresolved
from reconciler.report.kinds import ACTIONS
from reconciler.report.page import Color, Page
from reconciler.report.status import (
    AccountSays,
    SettingsSaid,
    StateSaid,
    Status,
    StatusRow,
    TokenIs,
)
from reconciler.report.words import NO_CALL, Call, candidate, command, counted, printable, quoted

_LOST: Final = (AccountSays.GONE, AccountSays.MISSING)
LISTED: Final = 50  # strangers; an account may have thousands that are nobody's business here


def status_text(status: Status, *, color: bool, width: int, call: Call = NO_CALL) -> str:
    """Return *status* for a terminal of *width* columns (0: always a table)."""
    page = Page(color, width)
    lines = page.title(_headline(status))
    where = replace(call, api_url=status.api_url).where
    lines += page.prose(where) if where else []
    if status.rows:
        lines += ["", *_recorded(status, page)]
    if status.pending:
        lines += ["", *unresolved_lines(status, page, call)]
    lines += _strangers(status, page)
    return "\n".join(lines) + "\n"


def unresolved_lines(status: Status, page: Page, call: Call) -> list[str]:
    """Return the creates without an outcome, and what a person can do about them."""
    lines: list[str] = []
    for key, pending in status.pending:
        since = f"announced {printable(pending.since)}"
        lines += page.item(ACTIONS[Unresolved], printable(key), since)
    lines += page.prose("The next apply asks the account. A person can answer as well:")
    key = status.pending[0][0]
    lines.append("  " + command("resolve", key, "--id", "ID", options=call.options))
    lines.append("  " + command("resolve", key, "--not-created", options=call.options))
    return lines


def _headline(status: Status) -> str:
    parts = [f"{counted(len(status.rows), 'instance')} recorded"]
    unknown = sum(row.token is TokenIs.UNKNOWN for row in status.rows)
    gone = sum(row.account is AccountSays.GONE for row in status.rows)
    missing = sum(row.account is AccountSays.MISSING for row in status.rows)
    renamed = sum(row.account is AccountSays.RENAMED for row in status.rows)
    parts += [f"{len(status.pending)} unresolved"] if status.pending else []
    parts += [f"{unknown} without a known token"] if unknown else []
    parts += [f"{gone} gone from the account"] if gone else []
    parts += [f"{missing} not listed by the account"] if missing else []
    drifted = sum(bool(row.settings and row.settings.drifted) for row in status.rows)
    unread = sum(bool(row.settings and row.settings.reason) for row in status.rows)
    parts += [f"{drifted} drifted"] if drifted else []
    parts += [f"{unread} not read"] if unread else []
    parts += [f"{renamed} renamed in the account"] if renamed else []
    return ", ".join([*parts, *_states(status)])


def _states(status: Status) -> list[str]:
    """Return how many are in which state, the most frequent first."""
    said = [row.state for row in status.rows if row.state]
    words = Counter(each.sighting.word for each in said if each.sighting)
    silent = sum(each.sighting is None for each in said)
    parts = [f"{number} {printable(word)}" for word, number in words.most_common()]
    return [*parts, *([f"{silent} told no state"] if silent else [])]


def _recorded(status: Status, page: Page) -> list[str]:
    head = ["entry", "id", "type", "token", "origin", "created"]
    cells = [_cells(row) for row in status.rows]
    if status.refreshed:
        head.append("account")
        cells = [[*line, account_words(row)] for line, row in zip(cells, status.rows, strict=True)]
    if any(row.state for row in status.rows):
        head.append("state")
        cells = [[*line, state_words(row)] for line, row in zip(cells, status.rows, strict=True)]
    if any(row.settings for row in status.rows):
        head.append("settings")
        cells = [[*line, _settings(row)] for line, row in zip(cells, status.rows, strict=True)]
    if any(row.recorded.name != row.key for row in status.rows):
        head.append("name")  # last, where a wide one can't push the other columns about
        cells = [[*line, _name(row)] for line, row in zip(cells, status.rows, strict=True)]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    if 0 < page.width < sum(widths) + 2 * (len(widths) - 1):
        blocks = [
            _block(row, texts, head, page) for row, texts in zip(status.rows, cells, strict=True)
        ]
        return [line for block in blocks for line in block]
    table = [_padded(line, widths) for line in (head, *cells)]
    painted = [
        page.paint(Color.BAD, line) if row.account in _LOST else line
        for row, line in zip(status.rows, table[1:], strict=True)
    ]
    return [page.paint(Color.QUIET, table[0]), *painted]


def _cells(row: StatusRow) -> list[str]:
    recorded = row.recorded
    texts = (
        row.key,
        str(recorded.id_instance),
        recorded.type_instance or "-",
        row.token.value,
        recorded.origin.value,
        recorded.created_at,
    )
    return [printable(text) for text in texts]


def account_words(row: StatusRow) -> str:
    if row.account is AccountSays.RENAMED:
        return f"renamed {quoted(row.listed_name or '', limit=80)}"
    return row.account.value if row.account else "-"


def state_words(row: StatusRow) -> str:
    """Return the live state, and since when, or why it is not known."""
    match row.state:
        case None:
            return "-"
        case StateSaid(sighting=Sighting(word, None)):
            return printable(word)
        case StateSaid(sighting=Sighting(word, since)):
            return f"{printable(word)} since {since:%Y-%m-%d}"
        case StateSaid(reason=reason):
            return printable(f"not told: {reason}")


def _settings(row: StatusRow) -> str:
    match row.settings:
        case None:
            return "-"
        case SettingsSaid(reason=str(reason)):
            return printable(f"not read: {reason}")
        case SettingsSaid(differences=()):
            return "as recorded"
        case SettingsSaid():
            return f"drifted: {', '.join(map(printable, row.settings.drifted))}"


def _name(row: StatusRow) -> str:
    return "" if row.recorded.name == row.key else quoted(row.recorded.name, limit=80)


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    pairs = zip(cells, widths, strict=True)
    return "  ".join(text.ljust(width) for text, width in pairs).rstrip()


def _block(row: StatusRow, cells: Sequence[str], head: Sequence[str], page: Page) -> list[str]:
    title = cells[0]
    if row.account in _LOST:
        title = page.paint(Color.BAD, title)
    said = dict(zip(head[1:], cells[1:], strict=True))
    origin = said.pop("origin")
    facts = ", ".join(
        f"{origin if name == 'created' else name} {text}" for name, text in said.items() if text
    )  # "adopted 2026-..." says both
    return [title, *page.prose(facts, indent=2)]


def _strangers(status: Status, page: Page) -> list[str]:
    if not status.strangers:
        return []
    number = counted(len(status.strangers), "live instance", "live instances")
    lines = ["", *page.prose(f"{number} of the account not recorded here:")]
    for row in status.strangers[:LISTED]:
        lines += page.prose(f"{candidate(row, '')}", indent=2)
    if (rest := len(status.strangers) - LISTED) > 0:
        lines += page.prose(f"... and {rest} more (-o json shows all)", indent=2)
    return lines
