from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from reconciler.cli.ci import GitHub, NoCi
from reconciler.cli.surface_options import SurfaceOptions, surface_options
from reconciler.errors import UsageError
from reconciler.secrets import Secret

URL = "https://hc.example/3f0e4d5c"


def chosen(*words: str, env: dict[str, str] | None = None) -> SurfaceOptions:
    got: list[SurfaceOptions] = []

    @click.command()
    @surface_options
    def command(surface_options: SurfaceOptions) -> None:
        got.append(surface_options)

    result = CliRunner().invoke(command, words, env=env, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return got[0]


def test_options_come_from_the_command_line() -> None:
    words = ["--no-ci", "--junit", "a", "--metrics", "b", "--report", "c", "--ping-url", URL]

    assert chosen(*words) == SurfaceOptions(True, Path("a"), Path("b"), Path("c"), Secret(URL))


def test_options_come_from_the_environment() -> None:
    env = {
        "RECONCILER_NO_CI": "1",
        "RECONCILER_JUNIT": "a",
        "RECONCILER_METRICS": "b",
        "RECONCILER_REPORT": "c",
        "RECONCILER_PING_URL": URL,
    }

    assert chosen(env=env) == SurfaceOptions(True, Path("a"), Path("b"), Path("c"), Secret(URL))


def test_the_address_to_ping_is_not_shown() -> None:
    assert URL not in repr(chosen("--ping-url", URL))


@pytest.mark.parametrize(
    ("words", "ci"), [((), GitHub(None, None)), (("--no-ci",), NoCi())], ids=["on", "off"]
)
def test_a_ci_server_is_used_unless_switched_off(words: tuple[str, ...], ci: object) -> None:
    built = chosen(*words).surfaces(
        env={"GITHUB_ACTIONS": "true"}, say=print, warn=print, clean=str, now=lambda: 0.0
    )

    assert built.ci == ci


def test_what_can_not_work_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--junit"):
        chosen("--junit", str(tmp_path)).surfaces(
            env={}, say=print, warn=print, clean=str, now=lambda: 0.0
        )
