"""The search finds what it is there to find; otherwise no other test would mean anything."""

import base64
import html
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.canary import leaks, leaks_in

TOKEN = "c1b0474542144e0ead529eb4861ca5f583c346eb00564f64a7"
ODD = 'canary "é\\/+ %41 <the> first'


def in_base64(offset: int, encode: Callable[[bytes], bytes]) -> Callable[[str], str]:
    return lambda value: encode(b"?" * offset + value.encode() + b"??").decode()


@pytest.mark.parametrize("secret", [TOKEN, ODD], ids=["token", "odd"])
@pytest.mark.parametrize(
    "plant",
    [
        str,
        lambda value: value[5:30],
        lambda value: quote(value, safe=""),
        lambda value: quote(value, safe="").lower().replace(value.lower(), value),
        lambda value: "".join(f"%{byte:02x}" for byte in value.encode()),
        json.dumps,
        lambda value: json.dumps(value, ensure_ascii=False),
        lambda value: json.dumps({"inner": json.dumps([value])}),
        *(
            in_base64(offset, encode)
            for offset in range(3)
            for encode in (base64.b64encode, base64.urlsafe_b64encode)
        ),
        html.escape,
        lambda value: value.encode().hex(),
    ],
    ids=[
        *["raw", "piece", "percent", "percent-lower", "percent-all", "json", "json-utf8"],
        *["json-twice", "base64-0", "url-0", "base64-1", "url-1", "base64-2", "url-2"],
        *["xml", "hex"],
    ],
)
def test_a_planted_secret_is_found(plant: Callable[[str], str], secret: str) -> None:
    text = f'{{"event": "instance_created", "x": "{plant(secret)}"}}\n'

    assert leaks(text.encode(), {"secret": secret})
    assert leaks(text.encode(), {"other": "0" * 50}) == []


def test_a_planted_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "allowed").write_text(TOKEN)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "core").write_bytes(b"\0\xff" + TOKEN.encode())
    (tmp_path / f"{TOKEN}.log").touch()

    found = leaks_in(tmp_path, {"token": TOKEN}, but=frozenset({"allowed"}))

    assert {line.split(":")[0] for line in found} == {"folder/core", f"{TOKEN}.log"}
