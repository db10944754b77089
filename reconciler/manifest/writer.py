"""Writes YAML; with it, a manifest as `validate --show` prints it: merged, secrets masked."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from reconciler.manifest.rules import LIFECYCLE
from reconciler.manifest.scalars import resolve
from reconciler.model import Desired, Lifecycle
from reconciler.secrets import MASK, Secret

if TYPE_CHECKING:
    from reconciler.manifest.loading import Manifest


def effective_manifest(manifest: "Manifest") -> str:
    """Return the entries of *manifest* with defaults merged and references resolved.

    Secrets are masked: what can be read here may be shown to anybody.
    """
    content: dict[str, Any] = {"version": 1}
    if manifest.recipients:
        content["state"] = {"recipients": list(manifest.recipients)}
    content["instances"] = {entry.key: _entry(entry) for entry in manifest.entries}
    return as_yaml(content)


def as_yaml(content: Mapping[str, Any]) -> str:
    """Return *content* as a document that YAML 1.1 and 1.2 read alike."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def _entry(entry: Desired) -> dict[str, Any]:
    shown = {k: MASK if isinstance(v, Secret) else v for k, v in entry.parameters.items()}
    return {"name": entry.name, **shown, **_lifecycle(entry.lifecycle)}


def _lifecycle(said: Lifecycle) -> dict[str, Any]:
    parts = {
        "previously": said.previously,
        "protect": "yes" if said.protected else None,
        "unset": "reset" if said.reset else None,
    }
    told = {name: value for name, value in parts.items() if value is not None}
    return {LIFECYCLE: told} if told else {}


class _Dumper(yaml.SafeDumper):
    """Quotes what YAML 1.1 and 1.2 would not both read as the same text."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # PyYAML quotes what is no text by YAML 1.1; `0o17` is a number by 1.2 alone.
    plain = text == resolve(text) and text.isprintable()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)
