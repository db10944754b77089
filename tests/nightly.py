"""The mark of tests that take too long for every change."""

import os
from collections.abc import Collection, Mapping
from typing import Any, Final

import pytest

BY_NIGHT: Final = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
REASON: Final = "takes long: make nightly"
# A sweep stops a run before each of its steps in turn; by day before every third.
STRIDE: Final = 1 if BY_NIGHT else 3
NIGHTLY: Final = pytest.mark.skipif(not BY_NIGHT, reason=REASON)


def only_by_night() -> None:
    """Skip whatever asks for a fixture that takes long to make."""
    if not BY_NIGHT:
        pytest.skip(REASON)


def cases(each: Mapping[str, Any], *, by_day: Collection[str]) -> list[Any]:
    """Return parameters for pytest: *each* by its name, by day only some of a kind.

    A tuple stands for several parameters.
    """
    assert set(by_day) <= set(each)
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            id=name,
            marks=() if name in by_day else NIGHTLY,
        )
        for name, case in each.items()
    ]
