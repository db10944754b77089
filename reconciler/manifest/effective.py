"""The effective manifest: what is sent for each entry, as YAML."""

import json
import re
from typing import TYPE_CHECKING, Final

from reconciler.manifest.scalars import resolve
from reconciler.model import Desired, Scalar
from reconciler.secrets import MASK, Secret

if TYPE_CHECKING:
    from reconciler.manifest.loading import Manifest

_PLAIN: Final = re.compile(r"[A-Za-z0-9_/](?:[A-Za-z0-9_./+:@?=&%~ -]*[A-Za-z0-9_./+@?=&%~-])?\Z")


def effective(manifest: "Manifest") -> str:
    """Return the entries of *manifest* with defaults merged and references resolved.

    Secrets are masked: what can be read here may be shown to anybody.
    """
    lines = ["version: 1"]
    if manifest.recipients:
        lines += ["state:", "  recipients:", *(f"    - {_text(r)}" for r in manifest.recipients)]
    lines.append("instances:" if manifest.entries else "instances: {}")
    for entry in manifest.entries:
        lines += _entry(entry)
    return "\n".join(lines) + "\n"


def _entry(entry: Desired) -> list[str]:
    lines = [f"  {_text(entry.key)}:", f"    name: {_text(entry.name)}"]
    for name, value in entry.parameters.items():
        shown = MASK if isinstance(value, Secret) else value
        lines.append(f"    {name}: {_scalar(shown)}")
    return lines


def _scalar(value: Scalar) -> str:
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    """Return *text* as a scalar that any YAML 1.2 reader takes for this string."""
    if _PLAIN.match(text) and ": " not in text and resolve(text) == text:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in quoted)
