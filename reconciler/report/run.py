"""The report of a run in each of its forms."""

from reconciler.report.run_json import run_json
from reconciler.report.run_markdown import run_markdown
from reconciler.report.run_text import run_text

__all__ = ["run_json", "run_markdown", "run_text"]
