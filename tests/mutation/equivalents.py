"""Mistakes that no test can notice, by module, each with the reason why it makes no difference."""

from collections.abc import Mapping
from typing import Final

EQUIVALENT: Final[Mapping[str, Mapping[str, str]]] = {}
