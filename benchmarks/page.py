"""Puts the tables of docs/performance.md between their marks, from the results written down."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from benchmarks.environment import REPOSITORY
from benchmarks.report import RESULTS, number

PAGE: Final = REPOSITORY / "docs" / "performance.md"
_ORDER: Final = (
    "startup",
    "noop_plan",
    "large_plan",
    "noop_apply",
    "validate",
    "apply_paced",
    "apply_latency",
    "live_plan",
    "live_states",
    "durability",
    "bucket_state",
    "memory",
)
_NOOP: Final = ("reconciler plan", "octodns-sync", "floor")
_NAMES: Final = {"floor": "libyaml's events and `json` alone"}


def write() -> None:
    """Bring the page up to date with the results."""
    text = PAGE.read_text(encoding="utf-8")
    for name, lines in (
        ("targets", _targets()),
        ("noop", _nothing_to_do()),
        ("creating", _creating()),
    ):
        marks = rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)"
        table = "\n" + "\n".join(lines) + "\n\n"
        found = re.search(marks, text, flags=re.DOTALL)
        assert found is not None, f"{PAGE} lost its marks of {name}"
        text = text[: found.end(1)] + table + text[found.start(2) :]
    PAGE.write_text(text, encoding="utf-8")


def _targets() -> Iterator[str]:
    on = _result("startup")["machine"]
    yield f"Measured on {on['cores']} cores ({on['processor']}), Python {on['python']}."
    yield ""
    yield "| what | figure | spread | target | | version 0.1.0 |"
    yield "| --- | ---: | ---: | ---: | --- | ---: |"
    for name in _ORDER:
        if not (RESULTS / f"{name}.json").exists():
            continue  # a new question that nobody has asked yet
        for each in _result(name)["figures"]:
            unit = f" {each['unit']}" if each["unit"] else ""
            yield (
                f"| {each['name']} | {number(each['median'])}{unit} | ± {number(each['spread'])}"
                f" | ≤ {number(each['target'])}{unit} | {'met' if each['met'] else '**missed**'}"
                f" | {number(each['before']) + unit if each.get('before') else ''} |"
            )


def _nothing_to_do() -> Iterator[str]:
    rows = {row["name"]: row["median"] for row in _result("noop_plan")["measured"]}
    large = {row["name"]: row["median"] for row in _result("large_plan")["measured"]}
    rows |= {f"reconciler plan{name[4:]}": value for name, value in large.items()}
    yield "| seconds | 100 | 1,000 | 10,000 | 100,000 |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name in _NOOP:
        cells = [rows.get(f"{name}, {size}") for size in (100, 1_000, 10_000, 100_000)]
        shown = " | ".join("" if cell is None else f"{cell:.3g}" for cell in cells)
        yield f"| {_NAMES.get(name, f'`{name}`')} | {shown} |"


def _creating() -> Iterator[str]:
    found = _result("creating")
    rows = {row["name"]: row["median"] for row in found["measured"]}
    yield found["notes"]
    yield ""
    yield "| | milliseconds a create | processor time of it |"
    yield "| --- | ---: | ---: |"
    for name, value in rows.items():
        client, _, what = name.partition(": ")
        if what == "each create":
            yield f"| {client} | {number(value)} | {number(rows[f'{client}: processor'])} |"


def _result(name: str) -> Any:
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    write()
