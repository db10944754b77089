"""Answers of the API, made without a server."""

import json
from collections.abc import Iterator

from hypothesis import strategies as st

from reconciler.partner.answer import Answer, BrokenOff


def answer(body: object, status: int = 200, *, whole: bool = True, **headers: str) -> Answer:
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, [encoded] if whole else cut(encoded))


def cut(body: bytes) -> Iterator[bytes]:
    """A body that breaks off."""
    yield body
    raise BrokenOff


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(
    st.sampled_from(["idInstance", "apiTokenInstance", "code", "description", "typeInstance"])
    | st.text(max_size=5),
    json_values | st.sampled_from([100, 200, 401, 403, 429, 500, "401"]),
    max_size=6,
)
bodies = st.binary(max_size=200) | objects.map(lambda value: json.dumps(value).encode())
retries = st.fixed_dictionaries({}, optional={"retry-after": st.text(max_size=40)})
