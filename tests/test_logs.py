"""The log: one event a line, for people and for machines, and nothing that must not be seen."""

import io
import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import UsageError
from reconciler.logs import Logger, is_terminal, open_log_file
from reconciler.secrets import Secret, Sieve


def logger(stream: io.StringIO, **settings: Any) -> Logger:
    defaults: dict[str, Any] = {"level": "info", "json": True, "color": False, "sieve": Sieve()}
    return Logger(run_id="run-1", stream=stream, **(defaults | settings))


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_line_has_run_level_and_time_in_utc() -> None:
    stream = io.StringIO()
    log = logger(stream)

    log("instance_created", key="a", id_instance=1101728000)

    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "run_id": "run-1",
        "event": "instance_created",
        "level": "info",
        "key": "a",
        "id_instance": 1101728000,
    }


def test_what_is_below_the_level_is_not_written_but_heard() -> None:
    stream, heard = io.StringIO(), list[tuple[str, Mapping[str, object]]]()
    log = logger(stream, level="warning")
    log.listeners.append(lambda event, fields: heard.append((event, fields)))

    log("run_started", command="apply")
    log("create_unknown", level="warning", key="a")

    assert [line["event"] for line in lines(stream)] == ["create_unknown"]
    assert heard == [("run_started", {"command": "apply"}), ("create_unknown", {"key": "a"})]


def test_a_secret_in_a_field_is_masked() -> None:
    stream = io.StringIO()
    log = logger(stream, sieve=Sieve([Secret("gac.0123456789abcdef")]))

    log("create_rejected", description="no such token: gac.0123456789abcdef")

    assert lines(stream)[0]["description"] == "no such token: ***"


@pytest.mark.parametrize("name", ["token", "partner_token", "apiTokenInstance", "password"])
def test_a_field_that_is_named_like_a_secret_is_masked(name: str) -> None:
    stream = io.StringIO()

    logger(stream)("run_started", **{name: "anything"})

    assert lines(stream)[0][name] == "***"


def test_people_read_the_event_and_its_facts_on_one_line() -> None:
    stream = io.StringIO()

    logger(stream, json=False)("instance_created", key="a", id_instance=7)

    (line,) = stream.getvalue().splitlines()
    assert "instance_created" in line
    assert "key=a" in line
    assert "\x1b" not in line


def test_a_log_file_is_for_its_owner_and_holds_json_whatever_the_terminal_shows(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.log"
    with open_log_file(path) as file:
        log = logger(io.StringIO(), json=False, file=file)
        log("run_started", command="apply")

    assert json.loads(path.read_text())["event"] == "run_started"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_log_file_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_text("before\n")

    with open_log_file(path) as file:
        file.write("after\n")

    assert path.read_text() == "before\nafter\n"


def test_a_log_file_that_cannot_be_opened_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the log file can't be opened: Is a directory"):
        open_log_file(tmp_path)


def test_a_stream_that_is_closed_is_no_terminal() -> None:
    stream = io.StringIO()
    stream.close()

    assert not is_terminal(stream)
