"""What a code of the API means, as HTTP status or in the body."""

from http import HTTPStatus
from typing import Final

NO_FREE_INSTANCES: Final = 100
THROTTLED: Final = 429
TOKEN_REFUSED: Final = frozenset({401, 403})
# The refusals: these alone say that nothing was done. Any other 4xx may come from somebody on the
# way who gave up on a request that went on (408, 425, 499), or that was done before (409, 423).
DECLINED: Final = TOKEN_REFUSED | {400, 404, 405, 406, 411, 413, 414, 415, 422}


def is_error(code: int) -> bool:
    """Tell whether *code* is one of HTTP's errors."""
    return 400 <= code < 600


def passes(code: int) -> bool:
    """Tell whether *code* speaks of a trouble that time may mend."""
    return is_error(code) and code not in DECLINED


def in_words(code: int) -> str:
    if code == NO_FREE_INSTANCES:
        return "temporarily no free instances"
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)
