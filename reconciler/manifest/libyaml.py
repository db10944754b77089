"""The events of a YAML text, from the one parser that reads manifests."""

from collections.abc import Iterator
from typing import Any

from yaml.events import StreamEndEvent

from reconciler.manifest.problems import Problem, Severity
from reconciler.manifest.source import Source


def events_of(text: str) -> Iterator[Any]:
    """Yield libyaml's events; raise ImportError where PyYAML came without it."""
    from yaml.cyaml import CParser  # type: ignore[attr-defined] # the stubs hide it

    get = CParser(text).get_event
    while not isinstance(event := get(), StreamEndEvent):
        yield event


def no_libyaml(source: Source) -> Problem:
    """Return the refusal to read by PyYAML's own parser: it means other things here and there."""
    message = "PyYAML is installed without libyaml, by which alone manifests are read"
    hint = "install it from a wheel, or build it with libyaml: pip install --force-reinstall PyYAML"
    return Problem(source.place(0), Severity.ERROR, "", message, hint, "no-libyaml")
