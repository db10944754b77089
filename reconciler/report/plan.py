"""A plan in each of its forms."""

from reconciler.report.plan_json import plan_json
from reconciler.report.plan_markdown import plan_markdown
from reconciler.report.plan_text import plan_text

__all__ = ["plan_json", "plan_markdown", "plan_text"]
