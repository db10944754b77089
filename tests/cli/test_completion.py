"""Completion: the real script in a real bash; zsh and fish where they are installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command import clean_env, project, run

SCRIPTED = """\
source "$1"
COMP_WORDS=($2)
[ -z "$3" ] || COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
$(complete -p reconciler | sed -E 's/.* -F ([^ ]+) .*/\\1/') reconciler
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def bash_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("completion") / "reconciler.bash"
    done = run("completion", "bash")
    assert (done.code, done.err) == (0, "")
    path.write_text(done.out)
    return path


@pytest.mark.parametrize(
    ("typed", "after_blank", "expected"),
    [
        pytest.param("reconciler va", False, ["validate"], id="command"),
        pytest.param("reconciler s", False, ["sandbox", "schema", "state", "status"], id="several"),
        pytest.param(
            "reconciler state", True, ["copy", "fold", "mv", "rm", "seal"], id="command of a group"
        ),
        pytest.param("reconciler apply --max-c", False, ["--max-creates"], id="option"),
        pytest.param("reconciler plan -o m", False, ["markdown"], id="choice"),
        pytest.param("reconciler adopt s", False, ["sales-uk", "support-eu"], id="keys"),
        pytest.param("reconciler apply --only sa", False, ["sales-uk"], id="keys of an option"),
        pytest.param("reconciler resolve", True, [], id="no key is unresolved"),
    ],
)
def test_bash_completes(
    bash_script: Path, tmp_path: Path, typed: str, after_blank: bool, expected: list[str]
) -> None:
    project(tmp_path)

    done = subprocess.run(
        ["bash", "-c", SCRIPTED, "bash", bash_script, typed, "1" if after_blank else ""],
        cwd=tmp_path,
        env=clean_env(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (sorted(done.stdout.split()), done.stderr) == (expected, "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_script_of_other_shells_is_one_that_they_read(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed, so its script was NOT read by it")
    script = tmp_path / "script"
    script.write_text(run("completion", shell).out)

    done = subprocess.run(
        [shell, "-n", script], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_script_of_other_shells_names_the_command(shell: str) -> None:
    done = run("completion", shell)

    assert (done.code, done.err) == (0, "")
    assert "_RECONCILER_COMPLETE=" + shell in done.out


def test_a_command_is_described_by_a_whole_sentence(tmp_path: Path) -> None:
    typed = {"COMP_WORDS": "reconciler va", "COMP_CWORD": "va"}

    done = run(env={"_RECONCILER_COMPLETE": "fish_complete", **typed}, cwd=tmp_path)

    assert "Check manifests; print every problem at once." in done.out


def test_an_unknown_shell_is_refused() -> None:
    done = run("completion", "powershell")

    assert (done.code, done.out) == (2, "")
    assert "'bash', 'zsh', 'fish'" in done.err
