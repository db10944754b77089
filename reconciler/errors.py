"""The error tree: one class for each way in which a run ends early.

::

    ReconcilerError            1   the program itself failed
    ├── UsageError             2   unknown option, missing token, bad URL
    ├── ManifestError          3   the manifest is invalid; nothing was tried
    ├── AccountUnreadable      5   getInstances could not be read; nothing was sent
    ├── StateLocked            7   another run holds the state
    ├── StateError             8   the state is corrupt, newer, or can't be written
    │   └── Overtaken          7   another run took it over (`reconciler.state.backend`)
    ├── GuardError             9   a guard stopped the run before anything was sent
    └── TokenRefused          10   the partner API refused the token

What the API says about one instance is an outcome (`reconciler.model`), never an exception.
"""

from typing import ClassVar


class ReconcilerError(Exception):
    """A failure that a person can act on: one sentence in lower case, and what to do about it.

    Neither *message* nor *hint* may contain a secret: both are printed and logged as they are.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ReconcilerError):
    """The call itself is wrong: an option, an environment variable, a URL."""

    exit_code = 2


class MissingExtra(UsageError):
    """*what* needs a *library* that is not there, and that an *extra* of ours brings."""

    def __init__(self, what: str, library: str, *, extra: str) -> None:
        super().__init__(
            f"{what} needs {library}, which is not installed",
            hint=f"pip install 'greenapi-reconciler[{extra}]', where pip installed this; with uv or"
            f" pipx, install it anew with the extra {extra}",
        )


class ManifestError(ReconcilerError):
    """The manifest has errors; the problems themselves were told already or are in *message*."""

    exit_code = 3


class AccountUnreadable(ReconcilerError):
    """The list of instances could not be had, however often it was asked for."""

    exit_code = 5


class StateLocked(ReconcilerError):
    """Another run holds the state."""

    exit_code = 7


class StateError(ReconcilerError):
    """The state can't be read, or can't be written."""

    exit_code = 8


class GuardError(ReconcilerError):
    """A cap, a name conflict, another account or a stale plan: stopped before anything was sent."""

    exit_code = 9


class TokenRefused(ReconcilerError):
    """The partner API answered that the partner token is not valid."""

    exit_code = 10


class Terminated(BaseException):
    """SIGTERM came: unwinds as KeyboardInterrupt does, past everything that handles errors."""
