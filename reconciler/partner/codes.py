"""What a code of the API means, as HTTP status or in the body."""

from http import HTTPStatus
from typing import Final

NO_FREE_INSTANCES: Final = 100
_CLIENT_GAVE_UP: Final = 499  # the upstream may have gone on


def may_exist(code: int) -> bool:
    return code == _CLIENT_GAVE_UP or 500 <= code < 600


def passes(code: int) -> bool:
    """Tell whether *code* speaks of a trouble that time may mend."""
    return may_exist(code) or code in (408, 425, 429)


def in_words(code: int) -> str:
    if code == NO_FREE_INSTANCES:
        return "temporarily no free instances"
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)
