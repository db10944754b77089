"""The real sandbox in another process, and what a test wants of it."""

import json
import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests import warm
from tests.command import clean_env


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; *body* is what its JSON says."""

    status: int
    body: Any


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox."""

    url: str
    token: str
    process: "warm.Started | subprocess.Popen[str]"

    @property
    def env(self) -> dict[str, str]:
        """The variables that point the program at this sandbox."""
        return {"GREEN_API_PARTNER_URL": self.url, "GREEN_API_PARTNER_TOKEN": self.token}

    def bill(self) -> dict[str, Any]:
        bill: dict[str, Any] = self._ask("GET", "/sandbox/bill")
        return bill

    def faults(self, *rules: Mapping[str, Any]) -> None:
        """Put *rules* in the place of the ones so far; none at all lets everything work."""
        self._ask("POST", "/sandbox/faults", list(rules))

    def applied(self) -> list[int]:
        """Say how often each of the rules was applied."""
        return [rule["applied"] for rule in self._ask("GET", "/sandbox/faults")]

    def reset(self, **settings: Any) -> None:
        """Forget everything and go on with *settings* (latency, birth, limit, firstId, …)."""
        self._ask("POST", "/sandbox/reset", settings)

    def settings(self, **settings: Any) -> None:
        """Go on with other *settings*; account, bill and faults stay."""
        self._ask("POST", "/sandbox/settings", settings)

    def instances(self) -> list[dict[str, Any]]:
        """Return every instance, with its parameters, whether getInstances shows it or not."""
        rows: list[dict[str, Any]] = self._ask("GET", "/sandbox/instances")
        return rows

    def create_by_hand(
        self, name: str, *, count: int = 1, deleted: bool = False, **plan: Any
    ) -> list[int]:
        """Make instances as a person does in the console; nobody is billed for them.

        *plan*: tariff, isFree, isPartner, isExpired, daysOld.
        """
        wanted = {"name": name, "count": count, "deleted": deleted, **plan}
        ids: list[int] = self._ask("POST", "/sandbox/instances", wanted)
        return ids

    def rename(self, id_instance: int, name: str) -> None:
        self._ask("POST", f"/sandbox/instances/{id_instance}", {"name": name})

    def link(self, id_instance: int, **scan: Any) -> Answer:
        """Link a phone as a person does: *phone*, the *qr* or *code* seen, *settings* that flip."""
        return self.call("POST", f"/sandbox/instances/{id_instance}/link", scan)

    def edit(self, id_instance: int, **change: Any) -> None:
        """Change its `name`, `state`, `settings` or `phone` (None) behind everybody's back."""
        self._ask("POST", f"/sandbox/instances/{id_instance}", change)

    def delete(self, id_instance: int) -> None:
        self._ask("DELETE", f"/sandbox/instances/{id_instance}")

    def partner(self, verb: str, method: str, body: Any = None, *, token: str = "") -> Answer:
        """Call a partner method and return whatever it answers."""
        return self.call(verb, f"/partner/{method}/{token or self.token}", body)

    def create(self, **parameters: Any) -> Answer:
        return self.partner("POST", "createInstance", parameters)

    def listing(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.partner("GET", "getInstances").body
        return rows

    def call(self, verb: str, path: str, body: Any = None) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.url + path, data, method=verb)  # noqa: S310 - our own server
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
                return Answer(answer.status, json.loads(answer.read()))
        except HTTPError as error:
            with error:
                return Answer(error.code, json.loads(error.read() or b"null"))

    def _ask(self, verb: str, path: str, body: Any = None) -> Any:
        answer = self.call(verb, path, body)
        assert answer.status == 200, answer.body
        return answer.body


@contextmanager
def running(*options: str, env: Mapping[str, str] | None = None) -> Iterator[Sandbox]:
    """Run `reconciler sandbox` on a free port; its first two lines say that it listens."""
    words = ["sandbox", "--port", "0", *options]
    heard, said = os.pipe()
    with Path(os.devnull).open() as nothing:
        streams = [nothing.fileno(), said, 2]
        process = warm.start(words, env=clean_env(env), cwd=None, streams=streams)
    os.close(said)
    with os.fdopen(heard, encoding="utf-8") as lines:
        try:
            exports = _exports([lines.readline(), lines.readline()])
            url, token = exports["GREEN_API_PARTNER_URL"], exports["GREEN_API_PARTNER_TOKEN"]
            yield Sandbox(url, token, process)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _exports(lines: Sequence[str]) -> dict[str, str]:
    """Read `export NAME=value` lines as a shell does."""
    words = [shlex.split(line) for line in lines]
    return dict(word[1].split("=", 1) for word in words)
