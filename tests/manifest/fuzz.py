"""Throws bytes at the manifest reader for as long as it is told; not part of the test run.

    pip install atheris
    python -m tests.manifest.fuzz -max_total_time=600 CORPUS_FOLDER tests/data/invalid

Any exception, and any input that takes longer than `-timeout`, is a find.
"""

import importlib
import sys
from pathlib import Path

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore] # only here

with atheris.instrument_imports(include=["reconciler", "yaml"]):
    for module in (Path(__file__).parents[2] / "reconciler" / "manifest").glob("[a-z]*.py"):
        importlib.import_module(f"reconciler.manifest.{module.stem}")  # some are imported late
    from tests.manifest.harness import read_bytes


def main() -> None:
    """Run until the time is over; libFuzzer takes the options."""
    folder = Path(__file__).parent
    atheris.Setup(sys.argv, lambda data: read_bytes(data, folder) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
