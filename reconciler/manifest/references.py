"""`${env:NAME}` and `${file:PATH}` within strings; `$$` is a literal `$`."""

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from reconciler.manifest.quoting import is_conventional, show_variable
from reconciler.secrets import Secret

_MAX_FILE: Final = 64 * 1024
_NAME: Final = r"[A-Za-z_][A-Za-z0-9_]*\Z"
_COMPOSE: Final = r"[A-Za-z_][A-Za-z0-9_]*(?::?[-?+]|\Z)"
REFERENCE: Final = re.compile(r"\$\$|\$\{([^}]*)(\}?)")
_WHOLE: Final = r"\$\{(?:env|file):[^{}]+\}\Z"
_FORMS: Final = "write ${env:NAME} or ${file:PATH}; a literal ${ is $${"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A string with its references replaced; *parts* are what they brought, all secret."""

    text: str = field(repr=False)
    parts: tuple[Secret, ...]


@dataclass(frozen=True, slots=True)
class Dangling:
    """A reference that can't be replaced: *offset* characters into the string.

    *absent*: it is right, but what it names is not there.
    """

    offset: int
    rule: str
    message: str
    hint: str | None
    absent: bool = False


def is_whole(text: str) -> bool:
    """Whether *text* is one reference and nothing else."""
    return re.match(_WHOLE, text) is not None


def has_reference(text: str) -> bool:
    return any(found.group() != "$$" for found in REFERENCE.finditer(text))


@dataclass(slots=True)
class Resolver:
    """Looks references up, each once; *folder* is that of the manifest."""

    env: Mapping[str, str]
    folder: Path
    _known: dict[str, Secret | Dangling] = field(default_factory=dict)

    def resolve(self, text: str) -> Resolved | Dangling:
        pieces: list[str] = []
        parts: list[Secret] = []
        end = 0
        for found in REFERENCE.finditer(text):
            pieces.append(text[end : found.start()])
            end = found.end()
            if found.group() == "$$":
                pieces.append("$")
                continue
            brought = self._look_up(found)
            if isinstance(brought, Dangling):
                return brought
            pieces.append(brought.reveal())
            parts.append(brought)
        pieces.append(text[end:])
        return Resolved("".join(pieces), tuple(parts))

    def _look_up(self, found: re.Match[str]) -> Secret | Dangling:
        inner, closing = found.groups()
        if not closing:
            return Dangling(found.start(), "reference", "${ is opened, but never closed", _FORMS)
        if inner not in self._known:
            kind, _, what = inner.partition(":")
            look_up = {"env": self._variable, "file": self._file}.get(kind)
            self._known[inner] = look_up(what) if look_up else _unknown(inner)
        known = self._known[inner]
        if isinstance(known, Dangling):
            return replace(known, offset=found.start())
        return known

    def _variable(self, name: str) -> Secret | Dangling:
        if not re.match(_NAME, name):
            return _wrong(
                "reference",
                "what stands behind env: is not the name of an environment variable",
                "a name has letters, digits and underscores, and no spaces",
            )
        value = self.env.get(name)
        if value is None:
            hint = f"set it, for example: export {name}=…" if is_conventional(name) else "set it"
            said = f"{show_variable(name)} is not set"
            return Dangling(0, "undefined-variable", said, hint, absent=True)
        if not _is_utf8(value):
            said = f"the value of {show_variable(name)} is not valid UTF-8"
            return _wrong("undefined-variable", said, None)
        return Secret(_without_last_break(value))

    def _file(self, name: str) -> Secret | Dangling:
        if not name or "\0" in name:
            return _wrong("reference", "${file:} names no file", _FORMS)
        path = self.folder / name
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                return _wrong("unreadable-file", "${file:} does not name a regular file", None)
            with path.open("rb") as stream:
                data = stream.read(_MAX_FILE + 1)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            hint = "the path is relative to the manifest's folder" if name[0] != "/" else None
            said = f"can't read the file of this reference: {reason}"
            absent = isinstance(error, FileNotFoundError)
            return Dangling(0, "unreadable-file", said, hint, absent=absent)
        if len(data) > _MAX_FILE:
            said = f"the file is larger than {_MAX_FILE // 1024} KiB"
            return _wrong("unreadable-file", said, None)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return _wrong("unreadable-file", "the file is not valid UTF-8", None)
        return Secret(_without_last_break(text))


def _without_last_break(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r") if text[-1:] == "\n" else text


def _unknown(inner: str) -> Dangling:
    said = "${ begins a reference, and this one is of no known kind"
    if re.match(_COMPOSE, inner):
        said = "${ begins a reference, and a variable is written ${env:NAME}, without a default"
    return _wrong("reference", said, _FORMS)


def _wrong(rule: str, message: str, hint: str | None) -> Dangling:
    return Dangling(0, rule, message, hint)


def _is_utf8(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
