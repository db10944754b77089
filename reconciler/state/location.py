"""Whether the state lies where it may be committed by accident."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# What git needs to find itself and its ignore rules. The rest stays here: secrets, and variables
# of git's hooks and of CI systems that point at another repository.
_NEEDED: Final = frozenset(
    {
        "PATH",
        "HOME",
        "XDG_CONFIG_HOME",
        "GIT_CEILING_DIRECTORIES",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    }
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
            env={name: value for name, value in given.items() if _is_needed(name)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == _NOT_IGNORED


def _is_needed(name: str) -> bool:
    return name in _NEEDED or name.startswith("GIT_CONFIG_")
