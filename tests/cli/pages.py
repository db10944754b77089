"""The page of `reconciler link --page`, as a browser fetches it."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from tests.command import Project
from tests.warm import Piped


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of the page's server, byte by byte as text."""

    status: int
    headers: Mapping[str, str]
    body: str


def fetch(
    url: str,
    verb: str = "GET",
    body: Any = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> Fetched:
    """Ask for *url* to the end; *body* is sent as JSON."""
    place = urlsplit(url)
    connection = HTTPConnection(place.netloc, timeout=30)
    data = None if body is None else json.dumps(body)
    kind = {"Content-Type": "application/json"} if data else {}
    connection.request(verb, place.path, data, {**kind, **(headers or {})})
    answer = connection.getresponse()
    fetched = Fetched(answer.status, dict(answer.headers), answer.read().decode())
    connection.close()
    return fetched


def views(url: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield what a tab is told, with the number of each view, to the last."""
    place = urlsplit(url)
    connection = HTTPConnection(place.netloc, timeout=30)
    connection.request("GET", f"{place.path}events")
    number = 0
    with connection.getresponse() as events:
        for line in events:
            match line.decode().rstrip("\n").partition(": "):
                case "id", _, text:
                    number = int(text)
                case "data", _, text:
                    yield number, json.loads(text)
    connection.close()


@contextmanager
def linking(shop: Project, *args: str) -> Iterator[tuple[Piped, str]]:
    """Run `link` with *args* and `--page`; yield the process and the address of its page."""
    with shop.start("link", *args, "--page") as process:
        try:
            said = next(found for line in process.stderr if (found := re.search(r"http:\S+", line)))
            yield process, said.group()
        finally:
            process.kill()
