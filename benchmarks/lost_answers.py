"""What lost answers cost: 200 creates by the reconciler and by the clients people use in a loop.

    python -m benchmarks.lost_answers

The sandbox makes each instance and keeps the bill. The answers of some creates, the same for
everybody, get lost once: every other of them by a closed connection, the rest by a 502 that comes
after the instance was made. Then whoever did it runs once more for what failed.
"""

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

from benchmarks.environment import Environment, clean_env, environment
from benchmarks.harness import Sample
from benchmarks.report import Figure, Found, Row, save

COUNT: Final = 200
LOSSES: Final[Mapping[str, int]] = {"none": 0, "1 in 20": 20, "1 in 5": 5}
APPLY: Final = ("apply", "--yes", "--rate", "0")
PARAMETERS: Final = {"incomingWebhook": "yes"}

Tokens = dict[str, str]  # by the name of the instance, as the client has them in the end


@dataclass(frozen=True, slots=True)
class Account:
    """A running sandbox."""

    url: str
    token: str

    @property
    def create_url(self) -> str:
        return f"{self.url}/partner/createInstance/{self.token}"

    def ask(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.url + path, data)) as answer:  # noqa: S310 - our own server
            return json.loads(answer.read())


@dataclass(frozen=True, slots=True)
class Cost:
    """What one client made of it."""

    billed: int
    lost_tokens: int  # of instances that are paid for


Client = Callable[[Account, list[str]], Tokens]


def measure(place: Environment, *, count: int = COUNT) -> Found:
    """Let every client create *count* instances under every share of lost answers."""
    clients: dict[str, Client] = {"reconciler": _Reconciler(place), **PEERS}
    costs = {
        (client, loss): cost_of(create, every, count=count)
        for client, create in clients.items()
        for loss, every in LOSSES.items()
    }
    worst = [cost for (client, _), cost in costs.items() if client == "reconciler"]
    return Found(
        f"{count} creates, some answers lost, one more run: what is billed, what is lost?",
        [row for (client, loss), cost in costs.items() for row in _rows(client, loss, cost)],
        [
            Figure("reconciler: billed twice", _one(max(c.billed for c in worst) - count), 0),
            Figure("reconciler: tokens lost", _one(max(c.lost_tokens for c in worst)), 0),
        ],
        "each lost answer was lost once; a client that sends again has an answer the second time",
    )


def cost_of(create: Client, every: int, *, count: int) -> Cost:
    """Let *create* run against a new account in which one answer in *every* is lost (0: none)."""
    names = [f"{_fate(number, every)}-{number:05}" for number in range(count)]
    with sandbox() as account:
        once = {"on": "create", "perName": True, "times": 1}
        closed = {**once, "name": "closed-*", "do": "close"}
        broken = {**once, "name": "broken-*", "do": "status", "status": 502, "when": "after"}
        account.ask("/sandbox/faults", [closed, broken])
        held = set(create(account, names).values())
        rows = account.ask("/sandbox/instances")
        lost = [row for row in rows if row["apiTokenInstance"] not in held]
        return Cost(account.ask("/sandbox/bill")["total"], len(lost))


def _fate(number: int, every: int) -> str:
    if not every or number % every:
        return "plain"
    return "closed" if number // every % 2 else "broken"


@contextmanager
def sandbox() -> Iterator[Account]:
    """Run a sandbox of our own."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        command = (sys.executable, "-m", "reconciler", "sandbox", "--ready-file", ready)
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            try:
                process.stdout.readline()  # it listens when it has said where
                process.stdout.readline()
                said = json.loads(ready.read_text())
                yield Account(said["url"], said["token"])
            finally:
                process.terminate()
                process.wait()


# --- the clients -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reconciler:
    """Apply, and apply again."""

    place: Environment

    def __call__(self, account: Account, names: list[str]) -> Tokens:
        with tempfile.TemporaryDirectory() as folder:
            lines = [f"  {name}: {json.dumps(PARAMETERS)}\n" for name in names]
            manifest = "version: 1\ninstances:\n" + "".join(lines)
            Path(folder, "instances.yaml").write_text(manifest)
            env = {
                "GREEN_API_PARTNER_URL": account.url,
                "GREEN_API_PARTNER_TOKEN": account.token,
            }
            for _ in range(2):
                subprocess.run(
                    (self.place.reconciler, *APPLY, "--max-creates", f"{len(names)}"),
                    env=clean_env(env),
                    cwd=folder,
                    capture_output=True,
                    check=True,
                )
            state = json.loads(Path(folder, "instances.state.json").read_text())
        return {key: row["apiTokenInstance"] for key, row in state["instances"].items()}


def official_sdk(account: Account, names: list[str]) -> Tokens:
    """The vendor's client, as its documentation shows it."""
    from whatsapp_api_client_python.API import GreenApiPartner  # type: ignore[import-untyped]

    client = GreenApiPartner(account.token, host=account.url)
    logging.getLogger("whatsapp-api-client-python").disabled = True

    def create(body: dict[str, str]) -> object:
        return client.partner.createInstance(body).data

    try:
        return _in_a_loop(create, names)
    finally:
        client.session.close()


def requests_with_retries(account: Account, names: list[str]) -> Tokens:
    """requests with the retry adapter of every tutorial, told to retry POST as well."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    retry = Retry(total=3, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=retry))

        def create(body: dict[str, str]) -> object:
            answer = session.post(account.create_url, json=body, timeout=30)
            answer.raise_for_status()
            return answer.json()

        return _in_a_loop(create, names)


def httpx_with_retries(account: Account, names: list[str]) -> Tokens:
    """httpx with its transport's retries, which are for connections only."""
    import httpx

    with httpx.Client(transport=httpx.HTTPTransport(retries=3)) as client:

        def create(body: dict[str, str]) -> object:
            answer = client.post(account.create_url, json=body, timeout=30)
            answer.raise_for_status()
            return answer.json()

        return _in_a_loop(create, names)


PEERS: Final[Mapping[str, Client]] = {
    "official SDK in a loop": official_sdk,
    "requests, retry adapter": requests_with_retries,
    "httpx, retrying transport": httpx_with_retries,
}


def _in_a_loop(create: Callable[[dict[str, str]], object], names: Iterable[str]) -> Tokens:
    """Create what is missing, twice: a careful script that keeps what it was answered."""
    held: Tokens = {}
    for name in (*names, *names):
        if name in held:
            continue
        try:
            answer = create({"name": name, **PARAMETERS})
        except Exception:  # noqa: S112 - a script that goes on, and runs again for what failed
            continue
        if isinstance(answer, dict) and "apiTokenInstance" in answer:
            held[name] = answer["apiTokenInstance"]
    return held


# --- the answer ------------------------------------------------------------------------------


def _rows(client: str, loss: str, cost: Cost) -> list[Row]:
    return [
        Row(f"{client}, {loss}: billed", _one(cost.billed), "instances"),
        Row(f"{client}, {loss}: tokens lost", _one(cost.lost_tokens), "tokens"),
    ]


def _one(value: float) -> Sample:
    return Sample((value,))


def table(measured: Iterable[tuple[str, int]]) -> str:
    """Return the table of `docs/exactly-once.md`, from names of rows and their values:
    how many were billed, and how many tokens were lost."""
    values = dict(measured)
    head = [f"lost: {loss}" for loss in LOSSES]
    lines = [f"| | {' | '.join(head)} |", "| --- " * (len(head) + 1) + "|"]
    for client in ("reconciler", *PEERS):
        cells = [
            f"{values[f'{client}, {loss}: billed']}, {values[f'{client}, {loss}: tokens lost']}"
            for loss in LOSSES
        ]
        lines.append(f"| {client} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    found = measure(environment())
    save("lost_answers", found)
    print(table((row.name, int(row.sample.median)) for row in found.rows))
