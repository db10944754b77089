"""What a getInstances answer lists, and what is no list at all."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Account, Instance, Refused
from reconciler.partner.answer import Answer
from reconciler.partner.listing import Unreadable, read_account
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
            changed(deleted=True),
            id="not-said-but-a-time-of-deletion",
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
        pytest.param(answer(b"", 401), 401, id="status-401"),
        pytest.param(answer(b"<html>", 403), 403, id="status-403"),
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
