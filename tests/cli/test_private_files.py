"""What holds tokens is private from its first byte: watched from outside, call by call."""

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.command import COMMAND, clean_env, project
from tests.sandbox.server import Sandbox

_OPEN = re.compile(r'open(?:at)?\((?:AT_FDCWD, )?"([^"]*)", ([A-Z_|]*O_CREAT[A-Z_|]*), (0[0-7]*)\)')


def _can_trace() -> bool:
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], check=False).returncode == 0


@pytest.mark.skipif(
    not _can_trace(),
    reason="THE FILES' MODES WERE NOT WATCHED: strace is missing (Debian: apt-get install strace)",
)
def test_no_file_with_tokens_is_ever_open_to_others(tmp_path: Path, sandbox: Sandbox) -> None:
    folder = tmp_path / "open to all"
    made = project(folder, env=sandbox.env)
    folder.chmod(0o777)
    trace = tmp_path / "trace"
    watch = ("strace", "-f", "-qq", "-e", "trace=openat,open,creat,chmod,fchmod,fchmodat", "-o")
    script = (
        f"umask 000; {COMMAND} apply --yes --rate 0 --log-file run.log;"
        f" exec {COMMAND} export --to out.json"
    )

    subprocess.run(
        [*watch, trace, "sh", "-euc", script],
        cwd=folder,
        env=clean_env(made.env),
        capture_output=True,
        check=True,
    )

    text = trace.read_text()
    created = {
        Path(path).name: mode
        for path, _, mode in _OPEN.findall(text)
        if Path(path).parent in (Path(), folder)
    }
    names = re.sub(r"\.[0-9a-f]{8}\.tmp", ".RANDOM.tmp", " ".join(sorted(created)))
    assert names == (
        ".out.json.RANDOM.tmp instances.state.json.journal instances.state.json.lock"
        " instances.state.json.tmp run.log"
    )
    assert set(created.values()) == {"0600"}
    assert set(re.findall(r"chmod\([^)]*, (0[0-7]+)", text)) <= {"0600"}
    private = ("instances.state.json", "out.json", "run.log")
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in private} == {0o600}


def test_a_state_behind_a_link_is_written_where_it_leads(tmp_path: Path, sandbox: Sandbox) -> None:
    made = project(tmp_path / "project", env=sandbox.env)
    (tmp_path / "vault").mkdir()
    made.state.symlink_to("../vault/real.json")

    done = made.run("apply", "--yes", "--rate", "0")

    assert done.code == 0
    assert made.state.is_symlink()
    assert [path.name for path in (tmp_path / "vault").iterdir()] == ["real.json"]
    assert len(made.recorded) == 2


def test_a_state_that_others_can_read_is_warned_of_and_mended(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    made = project(tmp_path, env=sandbox.env)
    made.run("apply", "--yes", "--rate", "0")
    made.state.chmod(0o644)

    first = made.run("apply", "--yes")
    second = made.run("apply", "--yes")

    assert "others could read its tokens: it had mode 644, and has 0600 now" in first.err
    assert "mode" not in second.err
    assert stat.S_IMODE(made.state.stat().st_mode) == 0o600
