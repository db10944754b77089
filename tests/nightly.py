"""The mark of tests that take too long for every change."""

import os
from typing import Final

import pytest

BY_NIGHT: Final = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
REASON: Final = "takes long: make nightly"
NIGHTLY: Final = pytest.mark.skipif(not BY_NIGHT, reason=REASON)


def only_by_night() -> None:
    """Skip whatever asks for a fixture that takes long to make."""
    if not BY_NIGHT:
        pytest.skip(REASON)
