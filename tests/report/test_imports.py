"""What a plain run pays for: importing the report brings in nothing heavy."""

import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "reconciler" / "report"


def test_no_module_imports_a_library_at_its_top() -> None:
    modules = [f"reconciler.report.{path.stem}" for path in PACKAGE.glob("[!_]*.py")]
    program = (
        f"import sys; before = set(sys.modules); import {', '.join(modules)};"
        " print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    heavy = {"rich", "prometheus_client", "xml", "httpx", "structlog", "jsonschema", "asyncio"}
    assert heavy.isdisjoint(shown.stdout.decode().split())
    assert b"reconciler" in shown.stdout
