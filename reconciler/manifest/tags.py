"""Explicit tags, and keys that are no strings: what is accepted, and the words for the rest."""

from dataclasses import dataclass
from typing import Any, Final

from reconciler.manifest.scalars import Scalar, resolve

_CORE: Final = "tag:yaml.org,2002:"
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "null": (type(None),),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    message: str
    hint: str | None


def scalar(tag: str, text: str) -> Scalar | Wrong:
    """Return what *text* means under *tag*."""
    name = tag.removeprefix(_CORE)
    if tag == "!" or name == "str":
        return text
    if name not in _TYPES:
        return _unknown(tag)
    value = resolve(text)
    if type(value) in _TYPES[name]:
        return float(value) if name == "float" and isinstance(value, int) else value
    return Wrong(f"the tag !!{name} does not fit this value", "leave the tag out")


def collection(tag: str, is_mapping: bool) -> Wrong | None:
    """Say what is wrong with *tag* on a mapping or a list."""
    if tag in ("!", _CORE + ("map" if is_mapping else "seq")):
        return None
    return _unknown(tag)


def _unknown(tag: str) -> Wrong:
    shown = "!!" + tag.removeprefix(_CORE) if tag.startswith(_CORE) else tag
    return Wrong(
        f"the tag {shown} is not known here", "leave it out; quote a value to make it text"
    )


def not_a_key(value: Any, text: str, mark: int) -> tuple[str, str | None]:
    """Say what is wrong with a key that is not a string, and how it would become one."""
    if isinstance(value, dict | list):
        return "a key must be a text, not a mapping or a list", None
    typed = text[mark : mark + 64].split(":", maxsplit=1)[0].split("\n", maxsplit=1)[0].strip()
    kind = {bool: "a boolean", type(None): "null"}.get(type(value), "a number")
    if not typed:
        return "a key is missing before the colon", None
    return f"a key must be a text, and {typed} is {kind}", f'quote it: "{typed}"'
