"""Which CI server this runs on, and how it is told what happened.

Workflow commands and section marks go to stderr: the servers read both streams, and stdout holds
nothing but the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

_SUMMARY_LIMIT: Final = 1_000_000  # bytes; GitHub refuses a step's summary above 1 MiB


@dataclass(frozen=True, slots=True)
class GitHub:
    """GitHub Actions; the files are those that it names in the environment."""

    summary: Path | None
    output: Path | None


@dataclass(frozen=True, slots=True)
class GitLab:
    """GitLab CI."""


@dataclass(frozen=True, slots=True)
class NoCi:
    """None that we know, or `--no-ci`."""


Ci = GitHub | GitLab | NoCi


def detect(env: Mapping[str, str], *, enabled: bool) -> Ci:
    """Return the CI server that *env* belongs to."""
    if enabled and env.get("GITHUB_ACTIONS") == "true":
        return GitHub(_path(env, "GITHUB_STEP_SUMMARY"), _path(env, "GITHUB_OUTPUT"))
    if enabled and env.get("GITLAB_CI") == "true":
        return GitLab()
    return NoCi()


def fold(ci: Ci, name: str, title: str, *, at: float) -> str | None:
    """Return the line that begins a foldable part of the job's log, None where there are none."""
    match ci:
        case GitHub():
            return f"::group::{title}"
        case GitLab():
            from reconciler.report.ci import section_start

            return section_start(name, title, at=int(at))
        case NoCi():
            return None
        case _:
            assert_never(ci)


def unfold(ci: Ci, name: str, *, at: float) -> str | None:
    """Return the line that ends what `fold` began."""
    match ci:
        case GitHub():
            return "::endgroup::"
        case GitLab():
            from reconciler.report.ci import section_end

            return section_end(name, at=int(at))
        case NoCi():
            return None
        case _:
            assert_never(ci)


def add_summary(ci: Ci, text: str, *, warn: Callable[[str], None]) -> None:
    """Put Markdown on the job's page, where there is one."""
    if isinstance(ci, GitHub) and ci.summary is not None:
        if len(text.encode("utf-8")) > _SUMMARY_LIMIT:
            text = f"{text.splitlines()[0]}\n\nThe details are too long for this page.\n"
        _append(ci.summary, text + "\n", "the job summary", warn)


def set_outputs(ci: Ci, outputs: Mapping[str, str], *, warn: Callable[[str], None]) -> None:
    """Give later steps of the job *outputs*, where there are such."""
    if isinstance(ci, GitHub) and ci.output is not None:
        from reconciler.report.ci import output_lines

        _append(ci.output, output_lines(outputs), "the step's outputs", warn)


def tell_github(env: Mapping[str, str], code: int) -> None:
    """Give later steps of the job the exit code.

    The shell of a step can't, once the command has taken its place so that a signal reaches it.
    """
    set_outputs(detect(env, enabled=True), {"exit-code": str(code)}, warn=lambda _: None)


def _path(env: Mapping[str, str], name: str) -> Path | None:
    return Path(env[name]) if env.get(name) else None


def _append(path: Path, text: str, what: str, warn: Callable[[str], None]) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        warn(f"{what} can't be written: {path}: {error.strerror}")
