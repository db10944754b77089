from pathlib import Path

import pytest

from reconciler.cli.ci import (
    Ci,
    GitHub,
    GitLab,
    NoCi,
    add_summary,
    detect,
    fold,
    set_outputs,
    unfold,
)


@pytest.mark.parametrize(
    ("env", "found"),
    [
        ({}, NoCi()),
        ({"CI": "true"}, NoCi()),
        ({"GITHUB_ACTIONS": "true"}, GitHub(None, None)),
        (
            {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "/s", "GITHUB_OUTPUT": "/o"},
            GitHub(Path("/s"), Path("/o")),
        ),
        ({"GITHUB_ACTIONS": "false"}, NoCi()),
        ({"GITLAB_CI": "true"}, GitLab()),
    ],
    ids=["none", "another", "github", "github with files", "not github", "gitlab"],
)
def test_a_server_is_known_by_its_environment(env: dict[str, str], found: Ci) -> None:
    assert detect(env, enabled=True) == found


def test_switched_off_there_is_no_server() -> None:
    assert detect({"GITHUB_ACTIONS": "true"}, enabled=False) == NoCi()


@pytest.mark.parametrize(
    ("ci", "start", "end"),
    [
        (GitHub(None, None), "::group::Log", "::endgroup::"),
        (
            GitLab(),
            "\x1b[0Ksection_start:7:run[collapsed=true]\r\x1b[0KLog",
            "\x1b[0Ksection_end:7:run\r\x1b[0K",
        ),
        (NoCi(), None, None),
    ],
    ids=["github", "gitlab", "none"],
)
def test_a_log_is_folded_where_it_can_be(ci: Ci, start: str | None, end: str | None) -> None:
    assert fold(ci, "run", "Log", at=7.9) == start
    assert unfold(ci, "run", at=7.9) == end


def test_summaries_and_outputs_are_added_to_what_earlier_steps_said(tmp_path: Path) -> None:
    github = GitHub(tmp_path / "summary", tmp_path / "output")
    (tmp_path / "summary").write_text("before\n")
    (tmp_path / "output").write_text("a=1\n")

    add_summary(github, "### 1 created\n", warn=pytest.fail)
    set_outputs(github, {"created": "1"}, warn=pytest.fail)

    assert (tmp_path / "summary").read_text() == "before\n### 1 created\n\n"
    assert (tmp_path / "output").read_text() == "a=1\ncreated=1\n"


def test_a_summary_that_github_would_refuse_is_shortened_to_its_heading(tmp_path: Path) -> None:
    github = GitHub(tmp_path / "summary", None)

    add_summary(github, "### 1 created\n\n" + "é" * 600_000, warn=pytest.fail)

    assert (tmp_path / "summary").read_text().startswith("### 1 created\n\nThe details")
    assert (tmp_path / "summary").stat().st_size < 1000


def test_what_can_not_be_written_is_a_warning(tmp_path: Path) -> None:
    warnings: list[str] = []

    add_summary(GitHub(tmp_path, None), "text", warn=warnings.append)

    assert warnings == [f"the job summary can't be written: {tmp_path}: Is a directory"]
