"""What the headers of an answer say; *headers* are by lower-case name."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)


def read_retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3), seconds or a date, as seconds from *now*."""
    text = headers.get("retry-after", "").strip()
    if _DIGITS.fullmatch(text):
        return min(float(text), _FOR_EVER)
    until = _read_time(text)
    return None if until is None else max((until - now).total_seconds(), 0.0)


_FOR_EVER: Final = 1e9  # seconds: whoever is asked for more has given up, too


def read_date(headers: Mapping[str, str]) -> datetime | None:
    """Read the server's clock, in UTC."""
    return _read_time(headers.get("date", ""))


def _read_time(text: str) -> datetime | None:
    try:
        time = parsedate_to_datetime(text)
        return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


_STALE: Final = timedelta(seconds=60)  # servers behind one name don't agree to the second
_NEXT_PAGE: Final = re.compile(r"""\brel\s*=\s*("[^"]*\bnext\b|next\b)""", re.IGNORECASE)


def read_doubts(headers: Mapping[str, str], *, newest: datetime | None) -> tuple[str, ...]:
    """Say why an answer may be an old one, or a part; *newest* is the latest `Date` before it."""
    doubts = []
    if any(age.strip("0") for age in _DIGITS.findall(headers.get("age", ""))):
        doubts.append("comes from a cache (Age)")
    if "warning" in headers:
        doubts.append("may be out of date (Warning)")
    date = read_date(headers)
    if date is not None and newest is not None and newest - date > _STALE:
        doubts.append(f"is {(newest - date).total_seconds():.0f} s older than an earlier answer")
    if _NEXT_PAGE.search(headers.get("link", "")):
        doubts.append("is one page of several (Link)")
    return tuple(doubts)
