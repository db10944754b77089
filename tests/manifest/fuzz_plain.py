"""Throws bytes at both readers and compares them; not part of the test run. See `fuzz`."""

import sys
from typing import Any

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore] # only here

with atheris.instrument_imports(include=["reconciler"]):
    from reconciler.manifest.document import Document
    from reconciler.manifest.plain import read_plain
    from reconciler.manifest.reader import read
    from reconciler.manifest.source import Source, decode


def compare(data: bytes) -> None:
    """Fail unless the quick reader says what the strict one says, or nothing."""
    source = decode("fuzz.yaml", data)
    quick = read_plain(source) if isinstance(source, Source) else None
    if quick is None or not isinstance(source, Source):
        return
    strict = read(source)
    assert strict.complete
    assert strict.problems == ()
    assert (quick.plain, quick.root_mark) == (strict.plain, strict.root_mark)
    assert shape(quick, quick.root) == shape(strict, strict.root)


def shape(document: Document, value: Any) -> str:
    """Return *value* with the places of everything in it."""
    if not isinstance(value, dict | list):
        return repr(value)
    items = value.items() if isinstance(value, dict) else enumerate(value)
    inner = [(key, shape(document, item)) for key, item in items]
    return f"{type(value).__name__} {document.marks[id(value)]} {inner}"


if __name__ == "__main__":
    atheris.Setup(sys.argv, compare)
    atheris.Fuzz()
