"""`reconciler link` on a terminal: codes in one place, passwords that nobody sees."""

import re
from pathlib import Path

import pytest

from tests.cli.conversation import CTRL_C, conversation
from tests.command import Project, project
from tests.report.test_qr import scanned
from tests.sandbox.server import Sandbox

pytest.importorskip("zxingcpp")
SCAN = "Scan this"
ASKED = "password of the account"
PASSWORD = "c0rrect-h0rse-battery"
PHONE = "15550100001"


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    shop = project(tmp_path, env=sandbox.env)
    assert shop.run("apply", "--yes", "--concurrency", "1").code == 0
    return shop


def id_of(shop: Project, key: str) -> int:
    number: int = shop.recorded[key]["idInstance"]
    return number


def on_screen(written: str) -> list[str]:
    """Return the lines that a person sees, by the codes that `link` moves the cursor with."""
    lines = [""]
    for part in re.split(r"(\x1b\[[0-9;?]*[A-Za-z]|\n)", written):
        if part == "\n":
            lines.append("")
        elif up := re.fullmatch(r"\x1b\[(\d+)F", part):
            lines = [*lines[: len(lines) - 1 - int(up[1])], ""]  # what is below is erased next
        elif not part.startswith("\x1b"):
            lines[-1] += part
    return lines


def code_on(lines: list[str]) -> str | None:
    code = [line for line in lines if line and set(line) <= set("█▀▄ ")]
    return scanned(code, drawn_is_dark=True)


def test_a_new_code_takes_the_place_of_the_one_before(shop: Project, sandbox: Sandbox) -> None:
    number = id_of(shop, "sales-uk")
    with conversation(shop, "link", "sales-uk") as talk:
        talk.hear(SCAN)
        first = code_on(on_screen(talk.heard))
        sandbox.settings(clockAhead=25)
        talk.hear(SCAN, times=2)
        screen = on_screen(talk.heard)
        second = code_on(screen)
        answer = sandbox.link(number, qr=second, phone=PHONE)
        code = talk.end()

    assert first
    assert first != second
    assert sum(line.startswith(SCAN) for line in screen) == 1
    assert (answer.status, code) == (200, 0), talk.heard
    assert talk.seen.endswith(f"linked to {PHONE}\n")


def test_a_password_is_typed_without_being_shown(shop: Project, sandbox: Sandbox) -> None:
    number = id_of(shop, "sales-uk")
    with conversation(shop, "link", "sales-uk", "--phone", PHONE, "--log-level", "debug") as talk:
        talk.hear("Type this on the phone")
        sandbox.link(number, phone=PHONE, password=PASSWORD)
        talk.hear(ASKED)
        talk.rest()
        talk.say("wr0ng-one\n")
        talk.hear("the password was not taken: wrong password")
        talk.hear(ASKED, times=2)
        talk.rest()
        talk.say(f"{PASSWORD}\n")
        code = talk.end()

    assert code == 0, talk.heard
    assert "the password is right" in talk.seen
    assert f"linked to {PHONE}\n" in talk.seen
    assert [word for word in (PASSWORD, "wr0ng-one") if word in talk.heard] == []


def test_ctrl_c_at_the_password_ends_it(shop: Project, sandbox: Sandbox) -> None:
    sandbox.link(id_of(shop, "sales-uk"), phone=PHONE, password=PASSWORD)
    with conversation(shop, "link", "sales-uk") as talk:
        talk.hear(ASKED)
        talk.rest()
        talk.say(CTRL_C)
        code = talk.end()

    assert code == 130, talk.heard


def test_a_passkey_is_told_and_waited_for(shop: Project, sandbox: Sandbox) -> None:
    body = '{"type": "passkeyRequired", "message": "passkey"}'
    sandbox.faults(
        {"on": "qr", "nth": 1, "do": "status", "status": 200, "body": body},
        {"on": "qr", "nth": 2, "handsBefore": [{"link": "sales-uk", "phone": PHONE}]},
    )
    with conversation(shop, "link", "sales-uk") as talk:
        code = talk.end()

    assert code == 0, talk.heard
    assert "the phone asks for a passkey: confirm it there" in talk.seen
    assert talk.seen.endswith(f"linked to {PHONE}\n")
