"""YAML text → nodes with places → checked, merged, resolved → the entries that are wanted."""

from reconciler.manifest.loading import Manifest, load, strict
from reconciler.manifest.problems import Problem, Severity

__all__ = ["Manifest", "Problem", "Severity", "load", "strict"]
