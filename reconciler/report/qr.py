"""QR codes: read from the picture that the API sends, drawn with the characters of a terminal."""

import base64
import binascii
import io
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

# The upper and the lower module of a cell, True where it is dark. Dark is drawn where colours are
# set (black on white), light where they are not: terminals without any are dark as a rule.
_CELLS: Final = {
    (False, False): " ",
    (True, False): "▀",
    (False, True): "▄",
    (True, True): "█",
}
_BLACK_ON_WHITE, _AS_BEFORE = "\x1b[30;107m", "\x1b[0m"
_QUIET_ZONE: Final = 2  # modules; scanners want some light around the code


def payload_of(picture: str) -> str | None:
    """Return what the QR code in *picture*, a PNG in base64, says; None if there is none."""
    import zxingcpp
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(io.BytesIO(base64.b64decode(picture, validate=True)))
        found = zxingcpp.read_barcodes(image.convert("L"))
    except (binascii.Error, UnidentifiedImageError, OSError):
        return None
    return found[0].text if found else None


def drawn(payload: str, *, color: bool) -> list[str]:
    """Return the lines of a QR code that says *payload*, two modules high each."""
    import segno

    code = segno.make(payload, error="l", micro=False)
    rows = [[bool(module) for module in row] for row in code.matrix_iter(border=_QUIET_ZONE)]
    light = [False] * len(rows[0])
    pairs = zip_longest(rows[::2], rows[1::2], fillvalue=light)
    return [_line(upper, lower, color=color) for upper, lower in pairs]


def _line(upper: Sequence[bool], lower: Sequence[bool], *, color: bool) -> str:
    if color:
        text = "".join(_CELLS[pair] for pair in zip(upper, lower, strict=True))
        return f"{_BLACK_ON_WHITE}{text}{_AS_BEFORE}"
    return "".join(_CELLS[not above, not below] for above, below in zip(upper, lower, strict=True))
