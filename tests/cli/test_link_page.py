"""`reconciler link --page` in a real browser, against the real sandbox."""

import io
import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reconciler.cli.linking.page_server import Board, serving
from reconciler.report.link_page import (
    CodeShown,
    LinkEvent,
    LinkView,
    PageClosed,
    PasswordAsked,
    PhoneTurn,
    QrShown,
    TurnBegan,
    TurnEnded,
    TurnProposed,
)
from reconciler.sandbox.codes import png_of
from reconciler.secrets import Secret
from tests.browser import SCHEMES, barriers
from tests.cli.pages import linking
from tests.command import Project, project
from tests.nightly import NIGHTLY
from tests.sandbox.server import Sandbox
from tests.warm import Piped

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

zxingcpp = pytest.importorskip("zxingcpp")
Image = pytest.importorskip("PIL.Image")

PHONE = "15550100001"


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A tab; what its console and its policy complain of is a finding."""
    context = browser.new_context()
    page, complaints = context.new_page(), list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    yield page
    context.close()
    assert [each for each in complaints if "ERR_CONNECTION_REFUSED" not in each] == []


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    shop = project(tmp_path, env=sandbox.env)
    assert shop.run("apply", "--yes", "--concurrency", "1").code == 0
    return shop


def id_of(shop: Project, key: str) -> int:
    number: int = shop.recorded[key]["idInstance"]
    return number


def titled(page: "Page", text: str) -> None:
    """Wait until the page's title says so."""
    page.get_by_role("heading", level=1, name=text, exact=True).wait_for()


def told(page: "Page", text: str) -> None:
    """Wait until the page says so to somebody who can't see it, too."""
    page.get_by_role("status").filter(has_text=text).wait_for()


def scan(page: "Page") -> str:
    """Read the code on the page as a camera does."""
    page.get_by_role("img").wait_for()
    picture = Image.open(io.BytesIO(page.get_by_role("img").screenshot()))
    return str(zxingcpp.read_barcodes(picture)[0].text)


def ended(process: Piped) -> tuple[int, str]:
    out, _ = process.communicate(timeout=60)
    return process.wait(), out


def test_the_phone_that_scans_the_page_is_linked(
    shop: Project, sandbox: Sandbox, page: "Page"
) -> None:
    with linking(shop, "sales-uk") as (process, url):
        page.goto(url)
        titled(page, "Link a phone to sales-uk")
        page.reload()
        answer = sandbox.link(id_of(shop, "sales-uk"), qr=scan(page), phone=PHONE)
        titled(page, "sales-uk is linked")
        told(page, f"linked to {PHONE}. You can close this page.")
        code, out = ended(process)

    assert answer.status == 200
    assert (code, out) == (0, f"sales-uk ({id_of(shop, 'sales-uk')}): linked to {PHONE}\n")
    assert page.get_by_role("img").count() == 0


@NIGHTLY
def test_a_new_code_takes_the_place_of_one_that_grew_old(
    shop: Project, sandbox: Sandbox, page: "Page"
) -> None:
    with linking(shop, "sales-uk") as (_, url):
        page.goto(url)
        old = scan(page)
        before = page.get_by_role("img").get_attribute("src")
        sandbox.settings(clockAhead=60)
        page.wait_for_function("old => document.querySelector('img').src !== old", arg=before)
        new = scan(page)
        answers = [
            sandbox.link(id_of(shop, "sales-uk"), qr=code, phone=PHONE) for code in (old, new)
        ]

    assert [answer.status for answer in answers] == [400, 200]


def test_a_passkey_is_told_and_so_is_that_the_command_was_stopped(
    shop: Project, sandbox: Sandbox, page: "Page"
) -> None:
    passkey = '{"type": "passkeyRequired", "message": ""}'
    with linking(shop, "sales-uk") as (process, url):
        page.goto(url)
        page.get_by_role("img").wait_for()
        sandbox.faults(
            {"on": "qr", "times": "always", "do": "status", "status": 200, "body": passkey}
        )
        told(page, "The phone asks for a passkey: confirm it there.")
        codes = page.get_by_role("img").count()
        process.send_signal(signal.SIGINT)
        told(page, "The command was stopped. You can close this page.")
        code, _ = ended(process)

    assert (codes, code) == (0, 130)


def test_a_password_is_typed_on_the_page(shop: Project, sandbox: Sandbox, page: "Page") -> None:
    with linking(shop, "sales-uk") as (process, url):
        page.goto(url)
        page.get_by_role("img").wait_for()
        sandbox.link(id_of(shop, "sales-uk"), phone=PHONE, password="hunter2")
        told(page, "The messenger asks for the password of its account.")
        page.keyboard.type("hunter1\n")
        told(page, "The password was not taken: wrong password. The messenger asks")
        page.keyboard.type("hunter2\n")
        told(page, "The password is right.")
        titled(page, "sales-uk is linked")
        code, out = ended(process)

    assert (code, out.rstrip()[-11:]) == (0, PHONE)


def test_a_person_is_led_through_all_with_two_tabs_and_the_keyboard(
    shop: Project, sandbox: Sandbox, page: "Page"
) -> None:
    with linking(shop, "--all") as (process, url):
        other = page.context.new_page()
        for tab in (page, other):
            tab.goto(url)
            titled(tab, "Link a phone to sales-uk")
        first = scan(page)
        sandbox.link(id_of(shop, "sales-uk"), qr=first, phone="15550100002")
        for tab in (page, other):
            titled(tab, "Next: support-eu")
        shown_before_it_was_wanted = other.get_by_role("img").count()
        page.keyboard.press("Enter")
        for tab in (page, other):
            titled(tab, "Link a phone to support-eu")
        wrong = sandbox.link(id_of(shop, "support-eu"), qr=first, phone=PHONE)
        sandbox.link(id_of(shop, "support-eu"), qr=scan(other), phone=PHONE)
        for tab in (page, other):
            titled(tab, "support-eu is linked")
            told(tab, f"linked to {PHONE}")
        code, out = ended(process)

    assert (shown_before_it_was_wanted, wrong.status) == (0, 400)
    assert code == 0
    assert re.findall(r"linked to (\d+)|(\d of \d instances linked)", out) == [
        ("15550100002", ""),
        (PHONE, ""),
        ("", "2 of 2 instances linked"),
    ]


def test_whoever_was_linked_out_of_turn_is_told_so(
    shop: Project, sandbox: Sandbox, page: "Page"
) -> None:
    with linking(shop, "--all") as (process, url):
        page.goto(url)
        page.get_by_role("img").wait_for()
        sandbox.link(id_of(shop, "support-eu"), phone=PHONE)  # by another person, elsewhere
        sandbox.edit(id_of(shop, "sales-uk"), state="blocked")
        titled(page, "Next: support-eu")
        told(page, "not linked: the instance is blocked")
        page.get_by_role("button", name="Show the code for support-eu").click()
        titled(page, "support-eu is linked")
        code, _ = ended(process)

    assert code == 5


TURNS = (PhoneTurn("support-eu", 1101728000, "whatsapp"), PhoneTurn("sales-uk", 1101728001, "max"))
MOMENTS: Mapping[str, Sequence[LinkEvent]] = {
    "scan": [TurnBegan("support-eu"), QrShown(png_of("2@0123456789abcdef"))],
    "type": [TurnBegan("support-eu"), CodeShown(Secret("ABCD1234"))],
    "password": [PasswordAsked()],
    "next": [TurnEnded("support-eu", False, "not linked: skipped"), TurnProposed("sales-uk")],
    "over": [TurnEnded("sales-uk", True, f"linked to {PHONE}"), PageClosed()],
}

TITLES = {
    "scan": "Link a phone to support-eu",
    "type": "Link a phone to support-eu",
    "password": "Link a phone to support-eu",
    "next": "Next: sales-uk",
    "over": "sales-uk is linked",
}


def test_nothing_on_the_page_is_in_anybodys_way(browser: "Browser") -> None:
    board, found = Board(LinkView(TURNS)), dict[str, list[str]]()
    with serving(board) as url:
        page = browser.new_page(bypass_csp=True)
        page.goto(url)
        for moment, events in MOMENTS.items():
            for event in events:
                board.show(event)
            page.wait_for_function("title => document.title === title", arg=TITLES[moment])
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                found[f"{moment}, {scheme}"] = barriers(page)
        page.close()

    assert {moment: barrier for moment, barrier in found.items() if barrier} == {}
