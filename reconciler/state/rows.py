"""Instances, announced creates and parameters: values to the JSON objects that stand for them,
and back. The state file and its journal hold the same objects."""

from collections.abc import Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from reconciler.errors import StateError
from reconciler.model import Digest, Kept, Origin, Pending, Recorded, Sealed, Token
from reconciler.secrets import Secret
from reconciler.state.digest import shared
from reconciler.state.strictjson import RESTORE, shown

Where = tuple[str, ...]  # the file, then the keys that lead to a value
Row = Mapping[str, Any]

_ARMOR: Final = "-----BEGIN AGE ENCRYPTED FILE-----"
_ORIGINS: Final = {origin.value: origin for origin in Origin}
_INSTANCE: Final = (
    "idInstance",
    "apiTokenInstance",
    "typeInstance",
    "name",
    "parameters",
    "createdAt",
    "origin",
)
_NO_EXTRA: Final[Mapping[str, str]] = {}
_AS_WRITTEN: Final = itemgetter(*_INSTANCE)
_USUAL: Final = frozenset(
    (int, token, kind, str, dict, str, str)
    for token in (str, type(None))
    for kind in (str, type(None))
)
_PENDING: Final = ("name", "parameters", "since", "snapshot")


def write_instance(recorded: Recorded) -> dict[str, object]:
    """Return the object of *recorded*; what is beyond the documented fields comes last."""
    return {
        "idInstance": recorded.id_instance,
        "apiTokenInstance": write_token(recorded.token),
        "typeInstance": recorded.type_instance,
        "name": recorded.name,
        "parameters": _write_parameters(recorded.parameters),
        "createdAt": recorded.created_at,
        "origin": recorded.origin.value,
        **{name: text for name, text in recorded.extra.items() if name not in _INSTANCE},
    }


def write_pending(pending: Pending) -> dict[str, object]:
    """Return the object of *pending*."""
    return {
        "name": pending.name,
        "parameters": _write_parameters(pending.parameters),
        "since": pending.since,
        "snapshot": pending.snapshot,
    }


def check_pending(pending: Pending) -> None:
    """Raise ValueError unless *pending* has a time that recovery can compute with."""
    if not _is_time(pending.since):
        raise ValueError("a pending create needs an ISO 8601 time with its zone")


def write_token(token: Token | None) -> str | None:
    """Return the text that holds *token*: this is one of the few places that reveal it."""
    if isinstance(token, Secret):
        return token.reveal()
    return token.armored if token else None


def read_instance(row: object, where: Where) -> Recorded:
    """Return the instance that *row* stands for; an id of digits in quotes is taken, too."""
    if type(row) is dict and len(row) == len(_INSTANCE):
        try:
            values = _AS_WRITTEN(row)
        except KeyError:
            pass
        else:
            if tuple(map(type, values)) in _USUAL and values[6] in _ORIGINS:
                return _usual(values, where)
    return _unusual(row, where)


def _usual(values: tuple[Any, ...], where: Where) -> Recorded:
    """Return the instance of a row that looks as `write_instance` wrote it: nearly every one."""
    id_instance, token, type_instance, name, parameters, created_at, origin = values
    return Recorded(
        id_instance,
        None if not token else Sealed(token) if token.startswith(_ARMOR) else Secret(token),
        type_instance,
        name,
        _checked_parameters(parameters, where),
        created_at,
        _ORIGINS[origin],
        _NO_EXTRA,
    )


def _unusual(row: object, where: Where) -> Recorded:
    fields = read_fields(row, where, _INSTANCE, more=True)
    origin = _ORIGINS.get(text(fields, "origin", where))
    if origin is None:
        raise wrong((*where, "origin"), "none of created, adopted, recovered")
    return Recorded(
        whole(fields, "idInstance", where),
        read_token(fields, "apiTokenInstance", where),
        optional_text(fields, "typeInstance", where),
        text(fields, "name", where),
        _read_parameters(fields, where),
        text(fields, "createdAt", where),
        origin,
        _read_extra(fields, where) if len(fields) > len(_INSTANCE) else _NO_EXTRA,
    )


def read_pending(row: object, where: Where) -> Pending:
    """Return the announced create that *row* stands for."""
    fields = read_fields(row, where, _PENDING)
    since = text(fields, "since", where)
    if not _is_time(since):
        raise wrong((*where, "since"), "not a time such as 2026-11-22T10:06:00Z")
    return Pending(
        text(fields, "name", where),
        _read_parameters(fields, where),
        since,
        optional_text(fields, "snapshot", where),
    )


def read_token(fields: Row, name: str, where: Where) -> Token | None:
    """Return the token in *fields*: sealed if it looks so, None if there is none yet."""
    value = optional_text(fields, name, where)
    if not value:
        return None
    return Sealed(value) if value.startswith(_ARMOR) else Secret(value)


def read_fields(row: object, where: Where, required: tuple[str, ...], *, more: bool = False) -> Row:
    """Return *row* as an object that has all *required* names, and no others unless *more*."""
    if type(row) is not dict:
        raise wrong(where, f"expected an object, not {kind(row)}")
    for name in required:
        if name not in row:
            raise wrong((*where, name), "missing")
    if not more and len(row) > len(required):
        unknown = next(name for name in row if name not in required)
        raise wrong(
            (*where, unknown), "not a name that this file has", "remove it, or mend its name"
        )
    return row


def text(fields: Row, name: str, where: Where) -> str:
    """Return the text that *fields* has under *name*."""
    value = fields[name]
    if type(value) is str:
        return value
    raise wrong((*where, name), f"expected a text, not {kind(value)}")


def optional_text(fields: Row, name: str, where: Where) -> str | None:
    """Return the text that *fields* has under *name*, or its null."""
    value = fields[name]
    if value is None or type(value) is str:
        return value
    raise wrong((*where, name), f"expected a text or null, not {kind(value)}")


def whole(fields: Row, name: str, where: Where) -> int:
    """Return the whole number that *fields* has under *name*, in quotes or not."""
    value = fields[name]
    if type(value) is int:
        return value
    if type(value) is str and value.isascii() and value.isdigit() and len(value) <= 20:
        return int(value)
    raise wrong((*where, name), f"expected a whole number, not {kind(value)}")


def wrong(where: Where, problem: str, hint: str = RESTORE) -> StateError:
    """Return the error that names the place; it never shows the value that stands there."""
    source, *path = where
    place = f"{source}: {'.'.join(map(shown, path))}" if path else source
    return StateError(f"{place}: {problem}", hint=hint)


def kind(value: object) -> str:
    """Return what a message calls a value of this kind."""
    return _KINDS.get(type(value), "something else")


_KINDS: Final[Mapping[type, str]] = {
    str: "a text",
    int: "a number",
    float: "a fraction",
    bool: "true or false",
    type(None): "null",
    list: "a list",
    dict: "an object",
}


def _is_time(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _write_parameters(parameters: Mapping[str, Kept]) -> dict[str, object]:
    return {
        name: {"digest": value.text} if isinstance(value, Digest) else value
        for name, value in parameters.items()
    }


def _read_parameters(fields: Row, where: Where) -> dict[str, Kept]:
    parameters = fields["parameters"]
    if type(parameters) is not dict:
        raise wrong((*where, "parameters"), f"expected an object, not {kind(parameters)}")
    return _checked_parameters(parameters, where)


def _checked_parameters(parameters: dict[str, Any], where: Where) -> dict[str, Kept]:
    for name, value in parameters.items():
        cls = value.__class__
        if cls is str or cls is int or cls is bool:
            continue
        if cls is dict and len(value) == 1 and type(value.get("digest")) is str:
            parameters[name] = shared(value["digest"])
        else:
            parameters[name] = _read_digest(value, (*where, "parameters", name))
    return parameters


def _read_digest(value: object, where: Where) -> Digest:
    if type(value) is not dict:
        raise wrong(where, f"expected a text, a whole number, true or false, not {kind(value)}")
    return Digest(text(read_fields(value, where, ("digest",)), "digest", where))


def _read_extra(fields: Row, where: Where) -> dict[str, str]:
    return {name: text(fields, name, where) for name in fields if name not in _INSTANCE}
