"""`reconciler link` against the real sandbox: what the terminal shows can be scanned."""

from pathlib import Path

import pytest

from tests.command import Project, project
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
        assert process.stderr is not None and process.stdout is not None
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
        assert process.stderr is not None
        while not process.stderr.readline().startswith("Scan this"):
            pass
        sandbox.settings(clockAhead=25)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 0
    assert '"linked": true' in out
    assert "Scan this" in err


def test_a_pairing_code_is_shown_and_typed(shop: Project, sandbox: Sandbox) -> None:
    with shop.start("link", "sales-uk", "--phone", "15550100001", "-o", "json") as process:
        assert process.stderr is not None
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


def test_no_token_is_shown(shop: Project, sandbox: Sandbox) -> None:
    done = shop.run("link", "sales-uk", "--timeout", "0.5", "--log-level", "debug")

    tokens = [row["apiTokenInstance"] for row in sandbox.instances()]
    assert [token for token in [*tokens, sandbox.token] if token in done.out + done.err] == []
    assert "qr.green-api.com" not in done.out + done.err
