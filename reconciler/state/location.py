"""Whether the state lies where it may be committed by accident."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# Set by git's hooks and by some CI systems, they would point git at another repository.
_ELSEWHERE: Final = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"}
)
_NOT_IGNORED: Final = 1
_PATIENCE: Final = 5.0


def exposed_in_git(path: Path, *, env: Mapping[str, str] | None = None) -> bool:
    """Tell whether *path* is in a git work tree that does not ignore it, or that tracks it.

    Where git is missing, slow or unwilling the answer is no: it only decides about a warning.
    """
    given = os.environ if env is None else env
    state = Path(os.path.realpath(path))
    command = ["git", "-c", "core.fsmonitor=false", "check-ignore", "--quiet", "--", state.name]
    try:
        asked = subprocess.run(  # noqa: S603 - a fixed command; the name comes after "--"
            command,
            cwd=state.parent,
            env={name: value for name, value in given.items() if name not in _ELSEWHERE},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == _NOT_IGNORED
