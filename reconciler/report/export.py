"""Ids and tokens for those who use the instances. Pure; the one place that shows tokens.

The formats with variables name them `GREEN_API_`, the entry's key (capitals and digits, `_` for
the rest), and a field: `GREEN_API_SUPPORT_EU_API_TOKEN_INSTANCE`.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from reconciler.errors import UsageError
from reconciler.model import Recorded
from reconciler.secrets import Secret

FORMAT: Final = "reconciler.export/1"
SECRET_LIMIT: Final = 1 << 20  # bytes of values; the Kubernetes API refuses more


@dataclass(frozen=True, slots=True)
class Exported:
    """One recorded instance with its token opened; None while the token is unknown."""

    key: str
    name: str
    id_instance: int
    token: Secret | None
    type_instance: str | None
    api_url: str | None
    media_url: str | None

    @classmethod
    def of(cls, key: str, recorded: Recorded, token: Secret | None, api_url: str | None) -> Self:
        """Return what is recorded for *key*; *api_url* is where it is, unless it says itself."""
        return cls(
            key,
            recorded.name,
            recorded.id_instance,
            token,
            recorded.type_instance,
            recorded.extra.get("apiUrl", api_url),
            recorded.extra.get("mediaUrl"),
        )


def as_json(instances: Sequence[Exported]) -> str:
    """Return *instances* as JSON by key; a token that is unknown is null."""
    document = {"format": FORMAT, "instances": {each.key: _row(each) for each in instances}}
    return json.dumps(document, indent=2, default=_plain) + "\n"


def as_env(instances: Sequence[Exported]) -> str:
    """Return lines that a POSIX shell evaluates.

    A token that is unknown is unset, so that nobody uses the one of an earlier export.
    """
    lines = [
        f"unset {name}" if value is None else f"export {name}={_quoted(name, value)}"
        for name, value in _variables(instances)
    ]
    return _joined(lines)


def as_dotenv(instances: Sequence[Exported]) -> str:
    """Return a file of `NAME=value` lines, none of which needs quotes.

    What reads such files disagrees about quotes: to some they are part of the value. So a value
    that a shell would not take literally without them is refused (UsageError).
    """
    lines = [
        f"# {name} is unknown" if value is None else f"{name}={_bare(name, value)}"
        for name, value in _variables(instances)
    ]
    return _joined(lines)


def as_k8s_secret(instances: Sequence[Exported], *, name: str) -> str:
    """Return the manifest of a Kubernetes Secret called *name*, for `envFrom`."""
    pairs = [
        (key, _encoded(key, value)) for key, value in _variables(instances) if value is not None
    ]
    size = sum(len(base64.b64decode(value)) for _, value in pairs)
    if size > SECRET_LIMIT:
        raise UsageError(
            f"the Secret would hold {size} bytes, and Kubernetes takes {SECRET_LIMIT} at most",
            hint="make several with --only and --secret-name",
        )
    from reconciler.manifest.writer import as_yaml  # the other formats need no YAML

    head = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "Opaque"}
    return as_yaml({**head, "data": dict(pairs)})


def _row(each: Exported) -> dict[str, object]:
    return {
        "name": each.name,
        "idInstance": each.id_instance,
        "apiTokenInstance": each.token,
        "typeInstance": each.type_instance,
        "apiUrl": each.api_url,
        "mediaUrl": each.media_url,
    }


Value = str | Secret


def _plain(value: Value) -> str:
    """Reveal a token at the last moment: no variable holds it, should an exception show them."""
    return value.reveal() if isinstance(value, Secret) else value


def _variables(instances: Sequence[Exported]) -> Iterator[tuple[str, Value | None]]:
    """Yield names and values: None for an unknown token; other unknown fields are left out."""
    prefixes = _prefixes([each.key for each in instances])
    for each in instances:
        prefix = prefixes[each.key]
        yield f"{prefix}_ID_INSTANCE", str(each.id_instance)
        yield f"{prefix}_API_TOKEN_INSTANCE", each.token
        optional = {
            "TYPE_INSTANCE": each.type_instance,
            "API_URL": each.api_url,
            "MEDIA_URL": each.media_url,
        }
        yield from ((f"{prefix}_{field}", value) for field, value in optional.items() if value)


def _prefixes(keys: Sequence[str]) -> Mapping[str, str]:
    taken: dict[str, str] = {}
    for key in keys:
        prefix = "GREEN_API_" + _NO_NAME.sub("_", key).upper()
        if prefix in taken:
            raise UsageError(
                f"{taken[prefix]} and {key} would share the variables {prefix}_…",
                hint="export them apart with --only, or use --format json",
            )
        taken[prefix] = key
    return {key: prefix for prefix, key in taken.items()}


_NO_NAME: Final = re.compile(r"[^A-Za-z0-9]", re.ASCII)
# The same to a shell, to python-dotenv and to `docker --env-file`. No `~`: a shell expands it.
_BARE: Final = re.compile(r"[A-Za-z0-9._:/?=%+@,-]*", re.ASCII)


def _bare(name: str, value: Value) -> str:
    if _BARE.fullmatch(_plain(value)):
        return _plain(value)
    raise UsageError(
        f"{name}: its value needs quotes, which not every reader of such a file takes off",
        hint="use --format env, json or k8s-secret",
    )


def _encoded(name: str, value: Value) -> str:
    return base64.b64encode(_bytes(name, value)).decode()


def _quoted(name: str, value: Value) -> str:
    _bytes(name, value)
    if "\0" in _plain(value):
        raise UsageError(
            f"{name}: its value holds a NUL, which no variable can",
            hint="use --format json or k8s-secret",
        )
    return "'" + _plain(value).replace("'", "'\\''") + "'"


def _bytes(name: str, value: Value) -> bytes:
    try:
        return _plain(value).encode()
    except UnicodeEncodeError:
        problem = f"{name}: its value holds half a character, which is no text outside of JSON"
    raise UsageError(problem, hint="use --format json")  # out here: that error shows the value


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
