"""The log: one event a line, for people and for machines, and nothing that must not be seen."""

import io
import json
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import UsageError
from reconciler.logs import is_terminal, open_log, open_log_file
from reconciler.secrets import Secret, Sieve


def logger(stream: io.StringIO, **settings: Any) -> Any:
    defaults: dict[str, Any] = {"level": "info", "style": "json", "sieve": Sieve()}
    return open_log(run_id="run-1", stream=stream, **(defaults | settings))


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_line_begins_with_time_in_utc_level_event_and_run() -> None:
    stream = io.StringIO()

    logger(stream).info("instance_created", key="a", id_instance=1101728000)

    (line,) = lines(stream)
    assert list(line)[:4] == ["timestamp", "level", "event", "run_id"]
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "run_id": "run-1",
        "event": "instance_created",
        "level": "info",
        "key": "a",
        "id_instance": 1101728000,
    }


def test_what_is_below_the_level_is_not_written_but_heard() -> None:
    stream, heard = io.StringIO(), list[Mapping[str, Any]]()
    log = logger(stream, level="warning", listeners=[lambda event: heard.append(dict(event))])

    log.info("run_started", command="apply")
    log.warning("create_unknown", key="a")

    assert [line["event"] for line in lines(stream)] == ["create_unknown"]
    assert [event["event"] for event in heard] == ["run_started", "create_unknown"]
    assert heard[1]["key"] == "a"


def test_a_listener_that_comes_later_hears_what_happens_then() -> None:
    listeners, heard = list[Any](), list[str]()
    log = logger(io.StringIO(), listeners=listeners)

    log.info("run_started")
    listeners.append(lambda event: heard.append(event["event"]))
    log.info("plan_computed")

    assert heard == ["plan_computed"]


@pytest.mark.parametrize("style", ["json", "plain", "color"])
def test_a_secret_in_a_field_is_masked(style: str, tmp_path: Path) -> None:
    stream = io.StringIO()
    secret = Secret("gac.0123456789abcdef")

    with open_log_file(tmp_path / "log") as file:
        log = logger(stream, style=style, sieve=Sieve([secret]), file=file)
        log.error("create_rejected", description=f"no such token: {secret.reveal()}", odd=[secret])

    assert "no such token: ***" in stream.getvalue()
    assert secret.reveal() not in stream.getvalue() + (tmp_path / "log").read_text()


def test_an_exception_is_told_without_the_variables_around_it() -> None:
    stream = io.StringIO()
    hidden = "gac.0123456789abcdef"

    try:
        raise KeyError("a")
    except KeyError:
        logger(stream, style="plain").error("run_failed", exc_info=True)

    assert hidden not in stream.getvalue()


@pytest.mark.parametrize("name", ["token", "partner_token", "apiTokenInstance", "password"])
def test_a_field_that_is_named_like_a_secret_is_masked(name: str) -> None:
    stream = io.StringIO()

    logger(stream).info("run_started", **{name: "anything"})

    assert lines(stream)[0][name] == "***"


def test_people_read_the_time_of_day_the_event_and_its_facts_on_one_line() -> None:
    stream = io.StringIO()

    logger(stream, style="plain").info("instance_created", key="a", id_instance=7)

    assert re.fullmatch(
        r"\d\d:\d\d:\d\d \[info {4,}\] instance_created key=a id_instance=7\n", stream.getvalue()
    )


def test_a_log_file_is_for_its_owner_and_holds_json_whatever_the_terminal_shows(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.log"
    with open_log_file(path) as file:
        logger(io.StringIO(), style="plain", file=file).info("run_started", command="apply")

    line = json.loads(path.read_text())
    assert (line["event"], line["run_id"]) == ("run_started", "run-1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_log_file_on_a_full_disk_is_said_once_and_stops_nothing() -> None:
    stream = io.StringIO()

    full = open_log_file(Path("/dev/full"))
    log = logger(stream, style="plain", file=full)
    log.info("run_started")
    log.info("run_finished")

    full.close()  # nothing was held back that would fail once more

    assert stream.getvalue().count("warning: the log file lacks lines: can't be written") == 1
    assert stream.getvalue().count("run_finished") == 1


def test_a_log_pipe_that_nobody_empties_is_said_once_and_stops_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    stream = io.StringIO()

    with open_log_file(tmp_path / "pipe") as file:
        log = logger(stream, style="plain", file=file)
        for _ in range(3):
            log.info("manifest_loaded", name="a" * 100_000)

    assert stream.getvalue().count("warning: the log file lacks lines: can't be written") == 1
    os.close(reader)


def test_a_name_that_is_no_unicode_is_written_escaped(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    with open_log_file(path) as file:
        logger(io.StringIO(), file=file).info("manifest_loaded", name="a\udc80")

    assert json.loads(path.read_text())["name"] == "a\udc80"


def test_a_log_file_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_text("before\n")

    with open_log_file(path) as file:
        file.write(b"after\n")

    assert path.read_text() == "before\nafter\n"


def test_a_log_file_that_cannot_be_opened_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the log file can't be opened: Is a directory"):
        open_log_file(tmp_path)


def test_a_stream_that_is_closed_is_no_terminal() -> None:
    stream = io.StringIO()
    stream.close()

    assert not is_terminal(stream)
