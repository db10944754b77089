"""What a getInstances answer lists, and what is no list at all."""

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Account, Instance, Refused
from reconciler.partner.answer import Answer, Unreadable
from reconciler.partner.listing import read_account
from reconciler.secrets import Secret
from tests.partner.answers import answer, bodies, objects, retries
from tests.partner.server import TOKEN

NOW = datetime(2026, 11, 22, 10, 6, tzinfo=UTC)
ID = 1101728000
ROW = {
    "idInstance": ID,
    "name": "support-eu",
    "typeInstance": "whatsapp",
    "apiTokenInstance": TOKEN,
    "timeCreated": "2026-11-22T10:06:00",
    "timeDeleted": "0001-01-01T00:00:00",
    "deleted": False,
    "tariff": "BUSINESS",
}
READ = Instance(ID, "support-eu", Secret(TOKEN), "whatsapp", "2026-11-22T10:06:00", deleted=False)


def listed(*rows: object) -> Account | Refused | Unreadable:
    return read_account(answer(list(rows)), now=NOW)


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in ROW.items() if name != key}


def changed(**fields: Any) -> Instance:
    known = {name: getattr(READ, name) for name in READ.__slots__}
    return Instance(**{**known, **fields})


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(ROW, READ, id="documented"),
        pytest.param({**ROW, "idInstance": str(ID)}, READ, id="id-as-digits"),
        pytest.param(without("apiTokenInstance"), changed(token=None), id="no-token"),
        pytest.param({**ROW, "apiTokenInstance": ""}, changed(token=None), id="empty-token"),
        pytest.param(without("name"), changed(name=""), id="no-name"),
        pytest.param({**ROW, "name": None}, changed(name=""), id="name-null"),
        pytest.param({**ROW, "name": 12}, changed(name="12"), id="name-a-number"),
        pytest.param({**ROW, "name": "a\ud800"}, changed(name="a?"), id="name-not-writable"),
        pytest.param({**ROW, "name": " Käse "}, changed(name=" Käse "), id="name-as-it-is"),
        pytest.param(without("timeCreated"), changed(time_created=""), id="no-time"),
        pytest.param({**ROW, "timeCreated": TOKEN}, changed(time_created=""), id="time-a-token"),
        pytest.param(
            {**ROW, "typeInstance": TOKEN}, changed(type_instance=None), id="type-a-token"
        ),
        pytest.param(without("typeInstance"), changed(type_instance=None), id="no-type"),
        pytest.param({**ROW, "deleted": True}, changed(deleted=True), id="deleted"),
        pytest.param({**ROW, "deleted": "true"}, changed(deleted=True), id="deleted-as-text"),
        pytest.param({**ROW, "deleted": "False"}, READ, id="not-deleted-as-text"),
        pytest.param({**ROW, "deleted": 1}, changed(deleted=True), id="deleted-as-number"),
        pytest.param(without("deleted"), READ, id="not-said-and-never-deleted"),
        pytest.param(
            {**without("deleted"), "timeDeleted": "2026-11-01T00:00:00"},
            changed(deleted=True, time_deleted="2026-11-01T00:00:00"),
            id="not-said-but-a-time-of-deletion",
        ),
        pytest.param(
            {**ROW, "isFree": False, "isPartner": True, "isExpired": False},
            changed(is_free=False, is_partner=True),
            id="a-partners",
        ),
        pytest.param(
            {**ROW, "isFree": "true", "isPartner": 0, "isExpired": 1},
            changed(is_free=True, is_partner=False, is_expired=True),
            id="a-trial-that-is-over",
        ),
        pytest.param(
            {**ROW, "isFree": "maybe", "expirationDate": "2026-12-22T10:06:00"},
            changed(expires="2026-12-22T10:06:00"),
            id="plan-not-readable",
        ),
    ],
)
def test_a_row_is_read(row: dict[str, Any], expected: Instance) -> None:
    assert listed(row) == Account((expected,))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(None, id="null"),
        pytest.param([], id="a-list"),
        pytest.param({}, id="empty"),
        pytest.param(without("idInstance"), id="no-id"),
        pytest.param({**ROW, "idInstance": True}, id="id-true"),
        pytest.param({**ROW, "idInstance": 0}, id="id-zero"),
        pytest.param({**ROW, "name": ["support-eu"]}, id="name-a-list"),
        pytest.param({**ROW, "deleted": "perhaps"}, id="deleted-perhaps"),
        pytest.param({**ROW, "deleted": []}, id="deleted-a-list"),
        pytest.param({**ROW, "name": "sales-uk"}, id="one-id-with-two-names"),
    ],
)
def test_a_row_that_cannot_be_read_is_never_dropped(row: object) -> None:
    assert isinstance(listed(ROW, row), Unreadable)


@pytest.mark.parametrize("turn", [1, -1])
def test_an_id_listed_twice_is_one_instance_live_and_with_its_token(turn: int) -> None:
    rows = [{**ROW, "deleted": True}, {**ROW, "apiTokenInstance": ""}][::turn]

    assert listed(*rows) == Account((READ,))


def test_the_name_of_the_live_row_counts() -> None:
    assert listed({**ROW, "name": "old", "deleted": True}, ROW) == Account((READ,))


def test_an_account_without_instances_is_an_empty_list() -> None:
    assert listed() == Account(())


@pytest.mark.parametrize(
    ("given_answer", "code"),
    [
        pytest.param(answer({"code": 401, "description": "Unauthorized"}), 401, id="documented"),
        pytest.param(answer({"code": 401}, 400), 401, id="with-status-400"),
        pytest.param(answer({}, 401), 401, id="status-401"),
        pytest.param(answer({"message": "no"}, 403), 403, id="status-403"),
    ],
)
def test_a_bad_token_gets_no_list(given_answer: Answer, code: int) -> None:
    account = read_account(given_answer, now=NOW)

    assert isinstance(account, Refused)
    assert account.code == code


@pytest.mark.parametrize(
    ("given_answer", "again"),
    [
        pytest.param(answer(None), True, id="null-is-not-an-empty-account"),
        pytest.param(answer({}), True, id="object"),
        pytest.param(answer(b""), True, id="empty"),
        pytest.param(answer(b"[{"), True, id="broken"),
        pytest.param(answer([], whole=False), True, id="cut"),
        pytest.param(answer(b"[" * 500_000), True, id="nested"),
        pytest.param(answer([], 500), True, id="a-list-with-500"),
        pytest.param(answer({"code": 500}), True, id="code-500"),
        pytest.param(answer(b"", 502), True, id="status-502"),
        pytest.param(answer(b"", 429), True, id="status-429"),
        pytest.param(answer({"code": 429}), True, id="code-429"),
        pytest.param(answer(b"", 408), True, id="status-408"),
        pytest.param(answer(b"", 401), True, id="401-without-a-body"),
        pytest.param(answer(b"<html>", 403), True, id="403-with-a-page"),
        pytest.param(answer({"code": 401}, 401, whole=False), True, id="cut-401"),
        pytest.param(answer([{"code": 401}], 401), True, id="401-with-a-list"),
        pytest.param(answer(b"<html>", 404), False, id="404-with-a-page"),
        pytest.param(answer(b" <!doctype html>"), False, id="a-page"),
        pytest.param(answer(b"[] []"), True, id="two-lists"),
        pytest.param(answer(b"[,]"), True, id="a-comma-alone"),
        pytest.param(answer(b"[{} {}]"), True, id="no-comma"),
        pytest.param(answer(b'[{"idInstance": 1},]'), True, id="a-comma-at-the-end"),
        pytest.param(answer(b"[NaN]"), True, id="nan"),
        pytest.param(answer(b'[{"a":' * 100_000), True, id="nested-rows"),
        pytest.param(answer(b"", 302), False, id="redirect"),
        pytest.param(answer(b"", 404), False, id="status-404"),
        pytest.param(answer({"code": 404}), False, id="code-404"),
    ],
)
def test_anything_but_a_list_is_no_list(given_answer: Answer, again: bool) -> None:
    account = read_account(given_answer, now=NOW)

    assert isinstance(account, Unreadable)
    assert account.again is again


def test_a_throttled_listing_says_when_to_ask_again() -> None:
    account = read_account(answer(b"", 429, retry_after="9"), now=NOW)

    assert isinstance(account, Unreadable)
    assert account.retry_after == 9.0


@given(st.integers(-1, 1100), retries, bodies | st.lists(objects).map(json.dumps).map(str.encode))
def test_no_listing_at_all_makes_it_raise(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    account = read_account(Answer(status, headers, [body]), now=NOW)

    assert isinstance(account, Account | Refused | Unreadable)


# --- as a stream ---------------------------------------------------------------------------


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1_000])
def test_it_does_not_matter_where_the_network_cuts_a_list(size: int) -> None:
    rows = [{**ROW, "idInstance": n, "name": f"Käse 🧀 [{n}]\\"} for n in range(1, 9)]
    body = b"\xef\xbb\xbf \n" + json.dumps(rows, ensure_ascii=False, indent=1).encode() + b"\n"

    account = read_account(Answer(200, {}, pieces(body, size)), now=NOW)

    assert isinstance(account, Account)
    assert [row.name for row in account.instances] == [row["name"] for row in rows]


@given(st.data())
def test_no_beginning_of_a_list_is_a_list(data: st.DataObject) -> None:
    body = json.dumps([ROW, {**ROW, "idInstance": 7}]).encode()
    end = data.draw(st.integers(0, len(body) - 1))

    account = read_account(Answer(200, {}, pieces(body[:end], 50)), now=NOW)

    assert isinstance(account, Unreadable)


def test_a_list_beyond_256_mebibytes_takes_the_memory_of_its_rows() -> None:
    filler = b" " * 500_000

    def chunks() -> Iterator[bytes]:
        for number in range(1, 600):
            yield b"[" if number == 1 else b","
            yield json.dumps({**ROW, "idInstance": number}).encode() + filler
        yield b"]"

    tracemalloc.start()
    account = read_account(Answer(200, {}, chunks()), now=NOW)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert isinstance(account, Account)
    assert len(account.instances) == 599
    assert peak < 16 * 1024 * 1024


# --- what may be old, or a part ------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "doubt"),
    [
        pytest.param({"age": "1"}, "comes from a cache (Age)", id="age"),
        pytest.param({"age": "0, 900"}, "comes from a cache (Age)", id="two-ages"),
        pytest.param({"warning": '110 - "Stale"'}, "may be out of date (Warning)", id="warning"),
        pytest.param(
            {"date": "Sun, 22 Nov 2026 10:04:59 GMT"},
            "is 61 s older than an earlier answer",
            id="date",
        ),
        pytest.param(
            {"link": '<?page=0>; rel="prev", <?page=2>; rel="last next"'},
            "is one page of several (Link)",
            id="link",
        ),
        pytest.param({"link": "<?p=2>; REL=next"}, "is one page of several (Link)", id="unquoted"),
    ],
)
def test_an_old_or_partial_listing_says_so(headers: dict[str, str], doubt: str) -> None:
    account = read_account(Answer(200, headers, [b"[]"]), now=NOW, newest=NOW)

    assert isinstance(account, Account)
    assert account.doubts == (doubt,)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param({"age": "0"}, id="no-age"),
        pytest.param({"age": "old"}, id="an-age-in-words"),
        pytest.param({"date": "Sun, 22 Nov 2026 10:05:00 GMT"}, id="a-minute"),
        pytest.param({"date": "Sun, 22 Nov 2026 12:05:00 GMT"}, id="later"),
        pytest.param({"date": "yesterday"}, id="a-date-in-words"),
        pytest.param({"link": '<next>; rel="prev"; title="rel next"'}, id="another-link"),
    ],
)
def test_any_other_listing_is_not_doubted(headers: dict[str, str]) -> None:
    account = read_account(Answer(200, headers, [b"[]"]), now=NOW, newest=NOW)

    assert isinstance(account, Account)
    assert account.doubts == ()


def test_a_listing_brings_the_clock_of_the_server() -> None:
    headers = {"date": "Sun, 22 Nov 2026 10:05:00 GMT"}

    account = read_account(Answer(200, headers, [b"[]"]), now=NOW)

    assert isinstance(account, Account)
    assert account.date == "2026-11-22T10:05:00Z"
