"""What the headers of an answer say."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_SECONDS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_A_DAY: Final = 86_400.0  # no server's clock or whim stops a run for longer


def read_retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3), seconds or a date, as seconds from *now*."""
    header = headers.get("retry-after")
    if header is None:
        return None
    text = header.strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), _A_DAY)
    try:
        until = parsedate_to_datetime(text)
        aware = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        return min(max((aware - now).total_seconds(), 0.0), _A_DAY)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
