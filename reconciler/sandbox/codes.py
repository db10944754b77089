"""What a phone scans or types: QR codes that change every 20 seconds, and pairing codes."""

import base64
import hashlib
import io
from datetime import datetime
from typing import Final

from reconciler.sandbox.events import InstanceRow

QR_SECONDS: Final = 20
_CODE_SECONDS: Final = 150
_CODE_LETTERS: Final = 8


def qr_payload(row: InstanceRow, now: datetime) -> str:
    """Return what the QR code of this moment says."""
    return f"2@{_digest(row, 'qr', int(now.timestamp() // QR_SECONDS))}"


def scans(row: InstanceRow, now: datetime, payload: str) -> bool:
    """Tell whether a phone may still scan *payload*: a code outlives its time by once as long,
    since it may have been shown at the very end of it."""
    number = int(now.timestamp() // QR_SECONDS)
    return payload in {f"2@{_digest(row, 'qr', each)}" for each in (number, number - 1)}


def pairing_code(row: InstanceRow, now: datetime) -> str:
    """Return the code to type on the phone."""
    number = int(now.timestamp() // _CODE_SECONDS)
    return _digest(row, "code", number).upper()[:_CODE_LETTERS]


def pairs(row: InstanceRow, now: datetime, code: str) -> bool:
    """Tell whether *code* still pairs a phone, by the same rule."""
    number = int(now.timestamp() // _CODE_SECONDS)
    return code in {
        _digest(row, "code", each).upper()[:_CODE_LETTERS] for each in (number, number - 1)
    }


def png_of(payload: str) -> str:
    """Return the picture of *payload* as the API sends it: a PNG in base64."""
    import segno

    picture = io.BytesIO()
    segno.make(payload, error="l", micro=False).save(picture, kind="png", scale=6, border=4)
    return base64.b64encode(picture.getvalue()).decode()


def _digest(row: InstanceRow, kind: str, number: int) -> str:
    said = f"{row.token}/{kind}/{number}".encode()  # one way: the token can't be read from it
    return hashlib.sha256(said).hexdigest()
