"""`reconciler link` against the real sandbox: what the terminal shows can be scanned."""

from pathlib import Path

import pytest

from tests.cli.conversation import CTRL_D, conversation
from tests.cli.pages import linking, views
from tests.command import SMALL, Project, project
from tests.report.schemas import checked
from tests.report.test_qr import scanned
from tests.sandbox.server import Sandbox

pytest.importorskip("zxingcpp")


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    shop = project(tmp_path, env=sandbox.env)
    assert shop.run("apply", "--yes", "--concurrency", "1").code == 0
    return shop


def id_of(shop: Project, key: str) -> int:
    number: int = shop.recorded[key]["idInstance"]
    return number


def test_what_the_terminal_shows_links_the_phone_that_scans_it(
    shop: Project, sandbox: Sandbox
) -> None:
    with shop.start("link", "sales-uk") as process:
        lines: list[str] = []
        while not (line := process.stderr.readline()).startswith("Scan this"):
            lines += [line.rstrip("\n")] if set(line.strip()) <= set("█▀▄ ") else []
        payload = scanned(lines, drawn_is_dark=False)
        answer = sandbox.link(id_of(shop, "sales-uk"), qr=payload, phone="15550100001")
        out, _ = process.communicate(timeout=60)

    assert answer.status == 200
    assert process.returncode == 0
    assert out == f"sales-uk ({id_of(shop, 'sales-uk')}): linked to 15550100001\n"


def test_a_new_code_is_shown_as_one_grows_old(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "qr", "nth": 4, "handsBefore": [{"link": "sales-uk"}]})
    with shop.start("link", "sales-uk", "-o", "json") as process:
        while not process.stderr.readline().startswith("Scan this"):
            pass
        sandbox.settings(clockAhead=25)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 0
    assert '"linked": true' in out
    assert "Scan this" in err


def test_a_pairing_code_is_shown_and_typed(shop: Project, sandbox: Sandbox) -> None:
    with shop.start("link", "sales-uk", "--phone", "15550100001", "-o", "json") as process:
        while not (line := process.stderr.readline()).startswith("Type this"):
            pass
        answer = sandbox.link(id_of(shop, "sales-uk"), code=line.split()[-1], phone="15550100001")
        out, _ = process.communicate(timeout=60)

    assert (answer.status, process.returncode) == (200, 0)
    assert checked(out, "link")["phone"] == "15550100001"


def test_a_phone_that_is_linked_already_is_told(shop: Project, sandbox: Sandbox) -> None:
    sandbox.link(id_of(shop, "sales-uk"), phone="15550100001")

    done = shop.run("link", "sales-uk", "-o", "json")

    assert done.code == 0, done
    assert checked(done.out, "link")["linked"] is True


def test_nobody_scans_for_ever(shop: Project) -> None:
    done = shop.run("link", "sales-uk", "--timeout", "0.5", "-o", "json")

    assert done.code == 11, done
    assert checked(done.out, "link")["error"]["code"] == 11


def test_why_no_code_came_is_part_of_how_it_ended(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "qr", "do": "status", "status": 500, "times": "always"})

    done = shop.run("link", "sales-uk", "--timeout", "0.5", "-o", "json")

    assert done.code == 11, done
    told = checked(done.out, "link")["error"]["message"]
    assert told.startswith("not linked: the time is up; no code came: the server answered 500")


def test_a_blocked_instance_is_not_linked(shop: Project, sandbox: Sandbox) -> None:
    sandbox.edit(id_of(shop, "sales-uk"), state="blocked")

    done = shop.run("link", "sales-uk", "-o", "json")

    assert done.code == 5, done
    assert checked(done.out, "link")["reason"] == "the instance is blocked"


def test_what_nobody_foresaw_is_shown_and_ends_it(shop: Project, sandbox: Sandbox) -> None:
    body = '{"type": "already_registered", "message": "use the password"}'
    sandbox.faults({"on": "qr", "do": "status", "status": 200, "body": body})

    done = shop.run("link", "sales-uk")

    assert done.code == 5, done
    assert "not linked: use the password" in done.out


@pytest.mark.parametrize(
    "words", [(), ("sales-uk", "--all"), ("--all", "--phone", "15550100001")], ids=" ".join
)
def test_one_key_or_all_is_meant(shop: Project, words: tuple[str, ...]) -> None:
    done = shop.run("link", *words)

    assert done.code == 2, done


def test_all_that_wait_for_a_phone_take_turns(shop: Project, sandbox: Sandbox) -> None:
    shop.write(SMALL + "  third: {incomingWebhook: yes}\n  fourth: {incomingWebhook: yes}\n")
    shop.run("apply", "--yes")
    sandbox.link(id_of(shop, "third"), phone="15550100003")
    sandbox.edit(id_of(shop, "fourth"), state="suspended")
    sandbox.faults(
        {"on": "qr", "nth": 1, "handsBefore": [{"link": "sales-uk", "phone": "15550100001"}]},
        {"on": "qr", "nth": 2, "handsBefore": [{"link": "support-eu", "phone": "15550100002"}]},
    )

    done = shop.run("link", "--all", "-o", "json")

    answer = checked(done.out, "link")
    assert (done.code, answer["exitCode"], answer["linkedBefore"]) == (5, 5, 1)
    assert [(row["key"], row["phone"], row["reason"]) for row in answer["instances"]] == [
        ("fourth", None, "the instance is suspended"),
        ("sales-uk", "15550100001", None),
        ("support-eu", "15550100002", None),
    ]


def test_a_person_at_the_terminal_is_asked_before_each_turn(
    shop: Project, sandbox: Sandbox
) -> None:
    sandbox.faults(
        {"on": "qr", "nth": 1, "handsBefore": [{"link": "sales-uk", "phone": "15550100001"}]}
    )
    with conversation(shop, "link", "--all") as terminal:
        terminal.hear("support-eu, 2 of 2: show the code?")
        terminal.say("perhaps\n")
        terminal.say("s\n")
        code = terminal.end()

    assert code == 11
    assert f"support-eu ({id_of(shop, 'support-eu')}): not linked: skipped\n" in terminal.seen
    assert terminal.seen.endswith("1 of 2 instances linked\n")


def test_ctrl_d_ends_the_walk(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "qr", "nth": 1, "handsBefore": [{"link": "sales-uk"}]})
    with conversation(shop, "link", "--all") as terminal:
        terminal.hear("[q]uit")
        terminal.rest()
        terminal.say(CTRL_D)
        code = terminal.end()

    assert code == 11
    assert f"({id_of(shop, 'support-eu')}): not linked: its turn did not come\n" in terminal.seen


def test_where_nobody_waits_nobody_is_asked(shop: Project, sandbox: Sandbox) -> None:
    for key in shop.recorded:
        sandbox.link(id_of(shop, key))

    done = shop.run("link", "--all")

    assert (done.code, done.out) == (
        0,
        "no instance waits for a phone; 2 had a phone before\n",
    )


def test_a_pairing_code_is_typed_off_the_page(shop: Project, sandbox: Sandbox) -> None:
    with linking(shop, "sales-uk", "--phone", "15550100001", "--log-level", "debug") as (
        process,
        url,
    ):
        tab = views(url)
        code = next(view["code"] for _, view in tab if view["code"])
        answer = sandbox.link(id_of(shop, "sales-uk"), code=code, phone="15550100001")
        told = [view for _, view in tab]
        _, err = process.communicate(timeout=60)

    assert (answer.status, process.returncode) == (200, 0)
    assert (told[-1]["title"], told[-1]["code"]) == ("sales-uk is linked", None)
    assert code not in err


def test_a_page_where_nobody_looks_ends_as_well(shop: Project) -> None:
    with linking(shop, "sales-uk", "--timeout", "1") as (process, url):
        told = [view for _, view in views(url)]
        process.wait(timeout=60)

    assert process.returncode == 11
    assert told[-1]["notice"].endswith("not linked: the time is up. You can close this page.")


def test_no_token_is_shown(shop: Project, sandbox: Sandbox) -> None:
    done = shop.run("link", "sales-uk", "--timeout", "0.5", "--log-level", "debug")

    tokens = [row["apiTokenInstance"] for row in sandbox.instances()]
    assert [token for token in [*tokens, sandbox.token] if token in done.out + done.err] == []
    assert "qr.green-api.com" not in done.out + done.err
