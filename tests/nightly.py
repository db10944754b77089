"""The mark of tests that take too long for every change."""

import os
from typing import Final

import pytest

NIGHTLY: Final = pytest.mark.skipif(
    os.environ.get("HYPOTHESIS_PROFILE") != "nightly", reason="takes long: make nightly"
)
