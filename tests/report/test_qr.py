"""A QR code that is drawn with characters is scanned as what it says."""

from collections.abc import Sequence

import pytest

from reconciler.report.qr import drawn, payload_of
from reconciler.sandbox.codes import png_of

zxingcpp = pytest.importorskip("zxingcpp")
Image = pytest.importorskip("PIL.Image")

PAYLOAD = "2@0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
_HALVES = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}


def scanned(lines: Sequence[str], *, drawn_is_dark: bool) -> str | None:
    """Scan a picture of a terminal that shows *lines*."""
    rows: list[list[bool]] = []
    for line in lines:
        cells = [_HALVES[sign] for sign in line]
        rows += [[upper for upper, _ in cells], [lower for _, lower in cells]]
    image = Image.new("L", (len(rows[0]), len(rows)), 255)
    image.putdata([0 if module is drawn_is_dark else 255 for row in rows for module in row])
    found = zxingcpp.read_barcodes(image.resize((image.width * 8, image.height * 8)))
    return str(found[0].text) if found else None


def test_what_is_drawn_in_colour_is_black_on_white() -> None:
    lines = drawn(PAYLOAD, color=True)

    assert {line[:9] for line in lines} == {"\x1b[30;107m"}
    assert scanned([line[9:-4] for line in lines], drawn_is_dark=True) == PAYLOAD


def test_without_colours_the_light_is_drawn_for_a_dark_terminal() -> None:
    assert scanned(drawn(PAYLOAD, color=False), drawn_is_dark=False) == PAYLOAD


def test_the_picture_of_the_api_is_read() -> None:
    assert payload_of(png_of(PAYLOAD)) == PAYLOAD


@pytest.mark.parametrize("picture", ["", "no base64!", "bm8gcGljdHVyZQ=="])
def test_what_is_no_picture_says_nothing(picture: str) -> None:
    assert payload_of(picture) is None
