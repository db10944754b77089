"""Fault scripts as files."""

from pathlib import Path

import pytest

from reconciler.errors import UsageError
from reconciler.sandbox.script_file import read_script_file
from reconciler.sandbox.script_reader import read_script

_YAML = """\
# one create in ten is made, but its answer is lost
- on: create
  probability: 0.1
  do: close
- {on: create, do: null, seconds: 1.5}
"""
_JSON = (
    '[{"on": "create", "probability": 0.1, "do": "close"},'
    ' {"on": "create", "do": "null", "seconds": 1.5}]'
)


@pytest.mark.parametrize("text", [_YAML, _JSON, "\ufeff" + _YAML], ids=["yaml", "json", "bom"])
def test_yaml_and_json_say_the_same(tmp_path: Path, text: str) -> None:
    path = tmp_path / "faults"
    path.write_text(text)

    rules = read_script_file(path)

    assert rules == read_script(
        [
            {"on": "create", "probability": 0.1, "do": "close"},
            {"on": "create", "do": "null", "seconds": 1.5},
        ]
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "faults.yaml:1:1: error: a fault script is a list of rules"),
        (b"on: create\n", "faults.yaml:1:1: error: a fault script is a list of rules"),
        (b"- {on: create, do: close}\n- on: burn\n", "faults.yaml:2:3: error: rule 2: on: 'burn'"),
        (b"- {on: create\n", "faults.yaml:"),
        (b"- {on: create, on: list}\n", 'faults.yaml:1:16: error: the key "on" stands'),
        (b"\xff\xff", "faults.yaml:1:1: error: "),
    ],
    ids=["empty", "mapping", "rule", "syntax", "twice", "bytes"],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "faults.yaml"
    path.write_bytes(data)

    with pytest.raises(UsageError) as caught:
        read_script_file(path)

    assert caught.value.message.removeprefix(f"{tmp_path}/").startswith(message)


@pytest.mark.parametrize("name", ["missing", "."], ids=["missing", "folder"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        read_script_file(tmp_path / name)
