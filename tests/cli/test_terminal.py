"""On a terminal: the question before money is spent, Ctrl-C, widths, colours."""

import json
import re
import time
from pathlib import Path

import pytest

from tests.cli.conversation import CTRL_C, CTRL_D, conversation
from tests.cli.terminal import left_on_screen
from tests.command import Project, project
from tests.exactly_once.processes import until_in_flight
from tests.sandbox.server import Sandbox

QUESTION = "[y/N]:"
WIDE = """\
version: 1
instances:
  support-europe: {name: "Support, European branch offices and others", stateWebhook: yes}
  sales-uk: {webhookUrl: "https://hooks.example.com/a/rather/long/path/to/a/webhook/server"}
"""


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    return project(tmp_path, env=sandbox.env)


@pytest.mark.parametrize("answer", ["y\n", "yes\n", "Y\n"])
def test_yes_creates(shop: Project, sandbox: Sandbox, answer: str) -> None:
    with conversation(shop, "apply") as talk:
        talk.hear(QUESTION)
        billed_before = sandbox.bill()["posts"]
        talk.say(answer)
        code = talk.end()

    assert (code, billed_before, sandbox.bill()["total"]) == (0, 0, 2), talk.heard
    assert "2 instances created" in talk.seen


def test_the_question_comes_after_the_number_and_the_names(shop: Project, sandbox: Sandbox) -> None:
    with conversation(shop, "apply") as talk:
        talk.hear(QUESTION)

    before, question, where = talk.seen.partition("Create 2 instances?")
    assert question
    assert before.startswith("2 new billed instances to create")
    assert "support-eu" in before
    assert "sales-uk" in before
    assert where.split() == f"Each is billed from now on, at {sandbox.url}. [y/N]:".split()


def test_the_time_somebody_takes_to_answer_is_not_the_runs(shop: Project) -> None:
    thinking = 3.0
    with conversation(shop, "apply", "--report", "r.json") as talk:
        talk.hear(QUESTION)
        time.sleep(thinking)
        talk.say("y\n")
        talk.end()

    assert json.loads((shop.folder / "r.json").read_text())["seconds"] < thinking


@pytest.mark.parametrize("answer", ["n\n", "\n", "no\n"], ids=["n", "Enter", "no"])
def test_no_creates_nothing_and_says_so(shop: Project, sandbox: Sandbox, answer: str) -> None:
    with conversation(shop, "apply") as talk:
        talk.hear(QUESTION)
        talk.say(answer)
        code = talk.end()

    assert (code, sandbox.bill()["posts"], shop.recorded) == (0, 0, {}), talk.heard
    assert "declined, nothing was done" in talk.seen.partition(QUESTION)[2]


def test_ctrl_c_at_the_question_creates_nothing(shop: Project, sandbox: Sandbox) -> None:
    with conversation(shop, "apply") as talk:
        talk.hear(QUESTION)
        talk.rest()
        talk.say(CTRL_C)
        code = talk.end()

    assert (code, sandbox.bill()["posts"]) == (130, 0), talk.heard
    assert talk.seen.endswith("\nerror: stopped by SIGINT; nothing was done\n")


def test_another_answer_is_asked_for_again(shop: Project, sandbox: Sandbox) -> None:
    with conversation(shop, "apply") as talk:
        talk.hear(QUESTION)
        talk.say("maybe\n")
        talk.hear("answer y or n")
        talk.hear(QUESTION)
        talk.say("n\n")
        code = talk.end()

    assert (code, sandbox.bill()["posts"]) == (0, 0), talk.heard


def test_the_time_to_think_is_no_part_of_the_run(shop: Project) -> None:
    with conversation(shop, "apply") as talk:
        talk.hear(QUESTION)
        time.sleep(3)  # somebody thinks
        talk.say("y\n")
        code = talk.end()

    assert code == 0, talk.heard
    seconds = re.search(r"recorded, in ([\d.]+) s", talk.seen)
    assert seconds, talk.seen
    assert float(seconds[1]) < 3


def test_ctrl_d_at_the_question_is_a_no(shop: Project, sandbox: Sandbox) -> None:
    with conversation(shop, "apply") as talk:
        talk.hear(QUESTION)
        talk.say(CTRL_D)
        code = talk.end()

    assert (code, sandbox.bill()["posts"]) == (0, 0), talk.heard
    assert talk.seen.endswith("\n0 instances created: declined, nothing was done\n")


def test_a_second_ctrl_c_leaves_at_once_and_leaves_no_display(
    shop: Project, sandbox: Sandbox
) -> None:
    sandbox.faults({"on": "create", "do": "hang", "times": "always"})

    with conversation(shop, "apply", "--yes", "--concurrency", "1") as talk:
        talk.hear("1 in flight")
        talk.say(CTRL_C)
        talk.hear("waiting for 1 answer")
        talk.say(CTRL_C)
        code = talk.end()

    assert code == 130, talk.heard
    assert "SIGINT: leaving; what is in flight" in left_on_screen(talk.heard)[-1]
    assert talk.heard.endswith("\n")


def test_ctrl_c_while_creating_says_what_it_waits_for_and_records_it(
    shop: Project, sandbox: Sandbox
) -> None:
    sandbox.faults({"on": "create", "seconds": 1, "times": "always"})

    with conversation(shop, "apply", "--yes", "--concurrency", "1") as talk:
        talk.hear("1 in flight")
        until_in_flight(sandbox, 1)
        talk.say(CTRL_C)
        code = talk.end()

    assert code == 130, talk.heard
    assert "SIGINT: launching nothing more; waiting for 1 answer" in talk.seen
    assert len(shop.recorded) == sandbox.bill()["total"] == 1


def test_the_progress_display_leaves_nothing_behind(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "seconds": 0.3, "times": "always"})

    with conversation(shop, "apply", "--yes", "--concurrency", "1") as talk:
        talk.hear("1 of 2")
        talk.end()

    assert left_on_screen(talk.heard)[0] == "2 instances created"


@pytest.mark.parametrize("columns", [80, 40])
def test_nothing_is_wider_than_the_terminal(tmp_path: Path, sandbox: Sandbox, columns: int) -> None:
    shop = project(tmp_path, WIDE, env=sandbox.env)
    heard = []

    with conversation(shop, "apply", columns=columns) as talk:
        talk.hear("[y/N]: ")
        talk.say("y\n")
        assert talk.end() == 0
        heard += left_on_screen(talk.heard)
    for command in ("plan", "status"):
        with conversation(shop, command, columns=columns) as talk:
            assert talk.end() == 0
            heard += left_on_screen(talk.heard)

    said = [line for line in heard if "[y/N]" not in line]
    assert [line for line in said if len(line) > columns] == []


@pytest.mark.parametrize(
    "env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "TERM=dumb"]
)
def test_where_colours_are_unwanted_there_are_none_and_nothing_is_lost(
    shop: Project, env: dict[str, str]
) -> None:
    with conversation(shop, "plan") as coloured:
        assert coloured.end() == 0
    with conversation(shop, "plan", env=env) as plain:
        assert plain.end() == 0

    assert coloured.heard != coloured.seen
    assert plain.heard == plain.seen == coloured.seen


def test_a_dumb_terminal_gets_no_control_characters_while_creating(
    shop: Project, sandbox: Sandbox
) -> None:
    sandbox.faults({"on": "create", "seconds": 0.2, "times": "always"})

    with conversation(shop, "apply", "--yes", env={"TERM": "dumb"}) as talk:
        code = talk.end()

    assert code == 0, talk.heard
    assert [char for char in talk.heard if not char.isprintable() and char != "\n"] == []


def test_without_a_terminal_there_are_no_control_characters(
    shop: Project, sandbox: Sandbox
) -> None:
    done = shop.run("apply", "--yes", env={"TERM": "xterm-256color"})

    said = done.out + done.err
    assert [char for char in said if not char.isprintable() and char != "\n"] == []
