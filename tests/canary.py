"""Secrets that would be recognised anywhere, and the search for them."""

import base64
import html
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus, unquote_to_bytes

PIECE: Final = 12  # characters of a secret are a leak, too; looked for at every fourth

Canaries = Mapping[str, str]


def forms(value: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name of each form in which *value* may have slipped out, and what to look for."""
    yield "raw", value.encode()
    for start in range(0, len(value) - PIECE, 4):
        yield "piece", value[start : start + PIECE].encode()
    escaped = json.dumps(value)[1:-1]
    yield "JSON", escaped.encode()
    yield "JSON", json.dumps(value, ensure_ascii=False)[1:-1].encode()
    yield "JSON twice", json.dumps(escaped)[1:-1].encode()
    for encoded in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield "percent", encoded.encode()
        yield "percent", _HEX.sub(lambda code: code.group().lower(), encoded).encode()
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield (
                f"base64 at {offset}",
                _core(value.encode(), offset, encode(b"\0" * offset + value.encode())),
            )
    yield "XML", html.escape(value).encode()
    yield "XML", html.escape(value, quote=False).encode()
    yield "hex", value.encode().hex().encode()


_HEX: Final = re.compile("%[0-9A-F]{2}")


def _core(value: bytes, offset: int, encoded: bytes) -> bytes:
    """Return the part of *encoded* that does not depend on what stands around *value*."""
    first = -(-offset * 8 // 6)
    last = (offset + len(value)) * 8 // 6
    return encoded[first:last]


def leaks(data: bytes, canaries: Canaries) -> list[str]:
    """Return which of *canaries* are in *data*, and as what."""
    views = {b"": data}
    if b"%" in data:
        views[b"decoded "] = unquote_to_bytes(data)
    return sorted(
        {
            f"{name} as {view.decode()}{form}"
            for name, value in canaries.items()
            for form, needle in forms(value)
            for view, seen in views.items()
            if needle in seen
        }
    )


def leaks_in(folder: Path, canaries: Canaries, *, but: frozenset[str] = frozenset()) -> list[str]:
    """Return which of *canaries* are in the files below *folder*, their names included.

    Files whose paths from *folder* are in *but* may hold them.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if name in but:
            continue
        data = path.read_bytes() if path.is_file() else b""
        found += [f"{name}: {leak}" for leak in leaks(name.encode() + b"\n" + data, canaries)]
    return found
