import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from reconciler.cli.ci import Ci, GitHub, GitLab, NoCi
from reconciler.cli.publish import Publisher
from reconciler.errors import UsageError
from reconciler.partner.ping import Ping
from reconciler.report.failure import Failure
from reconciler.report.words import Call
from reconciler.secrets import Secret, Sieve
from tests.listener import Listener, listening
from tests.report import samples as world
from tests.report.golden import PROBLEMS

CALL = Call("https://api.green-api.com", "instances.state.json")


@dataclass
class Said:
    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def service() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    return GitHub(tmp_path / "summary", tmp_path / "output")


@pytest.fixture
def build(said: Said) -> Callable[..., Publisher]:
    def publisher(ci: Ci | None = None, **changes: Any) -> Publisher:
        settings: dict[str, Any] = {
            "clean": str,
            "now": lambda: 1795000000.0,
            "mark": said.lines.append,
        } | changes
        return Publisher(ci or NoCi(), said.lines.append, said.warnings.append, **settings)

    return publisher


def test_without_any_option_nothing_is_said(build: Callable[..., Publisher], said: Said) -> None:
    publisher = build()

    publisher.check()
    publisher.started("Log")
    publisher.found(PROBLEMS)
    publisher.planned(world.mixed_plan(), CALL, checksum=world.CHECKSUM)
    publisher.finished(world.mixed_report(), CALL)
    publisher.failed(Failure(9, "stale", 1))

    assert said == Said()


def test_github_gets_annotations_summary_and_outputs(
    build: Callable[..., Publisher], said: Said, github: GitHub, tmp_path: Path
) -> None:
    publisher = build(github)

    publisher.started("Log")
    publisher.finished(world.mixed_report(), CALL)

    assert said.lines[:2] == ["::group::Log", "::endgroup::"]
    assert [line.split(" ")[0] for line in said.lines[2:]] == ["::error"] * 4 + ["::warning"]
    assert (tmp_path / "summary").read_text().startswith("### 2 instances created")
    assert "created=2\n" in (tmp_path / "output").read_text()


def test_github_shows_a_plan_on_the_jobs_page(
    build: Callable[..., Publisher], github: GitHub, tmp_path: Path
) -> None:
    build(github).planned(world.mixed_plan(), CALL, checksum=world.CHECKSUM)

    assert (tmp_path / "summary").read_text().startswith("### 2 new billed instances to create")
    assert f"checksum={world.CHECKSUM}\n" in (tmp_path / "output").read_text()


def test_github_shows_problems_at_their_lines(
    build: Callable[..., Publisher], said: Said, github: GitHub
) -> None:
    build(github).found(PROBLEMS)

    (text,) = said.lines
    assert [line.split(",")[0] for line in text.splitlines()] == [
        "::error file=a.yaml",
        "::warning file=a.yaml",
    ]


def test_github_is_told_of_a_run_that_ended_early(
    build: Callable[..., Publisher], said: Said, github: GitHub, tmp_path: Path
) -> None:
    build(github).failed(Failure(9, "the plan is stale", 1))

    assert said.lines == ["::endgroup::", "::error title=reconciler::the plan is stale"]
    assert (tmp_path / "summary").read_text().startswith("### 0 instances created: the run failed")
    assert "changes=false\n" in (tmp_path / "output").read_text()


def test_gitlab_folds_the_log_and_gets_no_workflow_commands(
    build: Callable[..., Publisher], said: Said
) -> None:
    publisher = build(GitLab())

    publisher.started("Log")
    publisher.finished(world.mixed_report(), CALL)

    assert [line.split(":")[0] for line in said.lines] == [
        "\x1b[0Ksection_start",
        "\x1b[0Ksection_end",
    ]


def test_files_are_written_beside_the_answer(
    build: Callable[..., Publisher], said: Said, tmp_path: Path
) -> None:
    publisher = build(
        junit=tmp_path / "junit.xml", metrics=tmp_path / "r.prom", report=tmp_path / "r.json"
    )

    publisher.finished(world.mixed_report(), CALL)

    assert json.loads((tmp_path / "r.json").read_text())["format"] == "reconciler.report/1"
    assert "<testsuites " in (tmp_path / "junit.xml").read_text()
    assert list(text_string_to_metric_families((tmp_path / "r.prom").read_text()))
    assert (tmp_path / "r.prom").stat().st_mode & 0o777 == 0o644
    assert said == Said()


def test_the_metrics_remember_the_last_success(
    build: Callable[..., Publisher], tmp_path: Path
) -> None:
    path = tmp_path / "r.prom"

    build(metrics=path, now=lambda: 1000.0).finished(world.quiet_report(), CALL)
    build(metrics=path, now=lambda: 2000.0).failed(Failure(7, "another run", 0.1))

    assert "\nreconciler_last_success_timestamp_seconds 1000.0\n" in path.read_text()
    assert "\nreconciler_last_run_timestamp_seconds 2000.0\n" in path.read_text()


@pytest.mark.parametrize("option", ["junit", "metrics", "report"])
def test_a_file_that_can_not_be_written_is_refused_before_the_run(
    build: Callable[..., Publisher], tmp_path: Path, option: str
) -> None:
    with pytest.raises(UsageError, match=f"--{option} "):
        build(**{option: tmp_path}).check()


def test_a_file_that_can_not_be_written_after_the_run_is_a_warning(
    build: Callable[..., Publisher], said: Said, tmp_path: Path
) -> None:
    path = tmp_path / "gone" / "r.json"

    build(report=path).finished(world.mixed_report(), CALL)

    assert said.warnings == [f"{path}: can't be written: No such file or directory"]


def test_a_failed_run_is_a_failed_junit_case(
    build: Callable[..., Publisher], tmp_path: Path
) -> None:
    build(junit=tmp_path / "j.xml").failed(Failure(3, "2 errors", 0.1, problems=PROBLEMS))

    assert 'tests="3" failures="2"' in (tmp_path / "j.xml").read_text()


def test_the_heartbeat_tells_good_from_bad(
    build: Callable[..., Publisher], said: Said, service: Listener
) -> None:
    publisher = build(ping=Ping(Secret(service.url + "/x"), warn=said.warnings.append))

    publisher.started("Log")
    publisher.finished(world.quiet_report(), CALL)
    publisher.finished(world.mixed_report(), CALL)
    publisher.failed(Failure(9, "stale", 1))

    assert [path for _, path, _ in service.calls] == ["/x/start", "/x", "/x/fail", "/x/fail"]
    assert service.calls[1][2].startswith("0 instances created: nothing to create\n")
    assert service.calls[3][2] == "0 instances created: the run failed (exit code 9)\nstale\n"


def test_every_text_passes_the_sieve(
    build: Callable[..., Publisher],
    said: Said,
    github: GitHub,
    service: Listener,
    tmp_path: Path,
) -> None:
    sieve = Sieve([Secret("connection refused")])
    ping = Ping(Secret(service.url), warn=said.warnings.append)
    files = {name: tmp_path / name for name in ("junit", "metrics", "report")}
    publisher = build(github, clean=sieve.clean, ping=ping, **files)

    publisher.finished(world.mixed_report(), CALL)
    publisher.failed(Failure(5, "connection refused", 1))

    texts = [*said.lines, *(path.read_text() for path in tmp_path.iterdir())]
    texts += [body for _, _, body in service.calls]
    assert not [text for text in texts if "connection refused" in text]
    assert len([text for text in texts if "***" in text]) >= 5


def test_the_marks_of_a_section_keep_their_escape_codes(
    said: Said, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where stderr is no terminal, as in every CI job, colours are stripped, but not these."""
    publisher = Publisher(GitLab(), said.lines.append, said.warnings.append, str, lambda: 7.0)

    publisher.started("Log")

    start = "\x1b[0Ksection_start:7:reconciler[collapsed=true]\r\x1b[0KLog\n"
    assert capsys.readouterr().err == start


def test_a_run_that_ends_early_reports_why(build: Callable[..., Publisher], tmp_path: Path) -> None:
    path = tmp_path / "r.json"

    build(report=path).failed(Failure(7, "another run holds the state", 0.1), run_id="ab")

    assert json.loads(path.read_text())["error"]["code"] == 7


def test_a_run_that_is_stopped_leaves_no_report_of_another_run(
    build: Callable[..., Publisher], tmp_path: Path
) -> None:
    path = tmp_path / "r.json"
    path.write_text("{}")
    publisher = build(report=path)

    publisher.started("Log")
    publisher.failed(Failure(143, "stopped by SIGTERM", 0.1))

    assert not path.exists()
