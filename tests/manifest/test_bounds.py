"""Whatever somebody writes into a manifest, it is read in bounded time."""

import time
from collections.abc import Callable

import pytest

from tests.manifest.harness import read_bytes

N = 30_000
TOP = "version: 1\ninstances:\n"


def repeat(line: Callable[[int], str], count: int = N // 10) -> str:
    return "".join(map(line, range(count)))


HOSTILE = {
    "open brackets": "[" * N,
    "open braces": "{" * N,
    "dashes": "- " * N,
    "question marks": "? " * N,
    "flow pairs": "{" + repeat(lambda n: f"a{n}: b,") + "}",
    "long scalar": 'a: "' + "x " * N + '"',
    "run of spaces": "a: x" + " " * N + "y",
    "one key many times": TOP + repeat(lambda n: "  a: {autoTyping: 1}\n"),
    "every key twice": TOP + repeat(lambda n: f"  a{n // 2}: {{autoTyping: 1}}\n"),
    "empty entries": TOP + repeat(lambda n: f"  a{n}:\n"),
    "bad entries": TOP + repeat(lambda n: f"  a{n}: {{autoTyping: 99, foo: 1}}\n"),
    "unknown keys": repeat(lambda n: f"a{n}: 1\n"),
    "keys alike": TOP + repeat(lambda n: f"  a{'-_'[n % 2]}{n // 2}: {{autoTyping: 1}}\n"),
    "one name": TOP + repeat(lambda n: f"  a{n}: {{autoTyping: 1, name: N}}\n"),
    "recipients": f"{TOP}  {{}}\nstate:\n  recipients:\n" + repeat(lambda n: f"    - a{n % 7}\n"),
    "word token": f"{TOP}  a:\n    webhookUrlToken: {'token' * N}\n    foo: {'token' * N}",
    "blank name": f'{TOP}  a: {{autoTyping: 1, name: "{" " * N}\\n"}}',
    "at signs": f'{TOP}  a: {{webhookUrl: "https://{"a@" * N}"}}',
    "dollars": f'{TOP}  a: {{webhookUrl: "https://{"${" * N}"}}',
    "references": f'{TOP}  a: {{webhookUrl: "https://a/{"${env:DELAY}" * N}"}}',
    "merges": "x-a: &a {" + repeat(lambda n: f"k{n}: 1,", 500) + "}\nx-b:\n"
    + repeat(lambda n: f"  b{n}: {{<<: *a}}\n", 1000),
    "unknown defaults": "version: 1\ndefaults: {" + repeat(lambda n: f"k{n}: 1,", 500)
    + "}\ninstances:\n" + repeat(lambda n: f"  b{n}: {{}}\n", 2000),
    "shared unknown": "version: 1\nx-a: &a {" + repeat(lambda n: f"k{n}: 1,", 100)
    + "}\ninstances:\n" + repeat(lambda n: f"  b{n}: *a\n", 4000),
    "digits": "a: " + "9" * N,
    "tag": "a: !" + "x" * N,
    "directives": repeat(lambda n: f"%TAG !a{n}! x\n", 2000) + "---\na",
    "deep": repeat(lambda n: " " * n + "a:\n", 700),
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_manifest_is_read_in_bounded_time(text: str) -> None:
    before = time.process_time()

    read_bytes(text.encode())

    # Some seconds at most, where nothing is quadratic, and five times that where coverage counts.
    assert time.process_time() - before < 15
