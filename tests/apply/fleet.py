"""Instances in memory, whose settings can be read and set; each set restarts its instance.

What they answer is raw: the program's own judges read it.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

from reconciler.model import Account, NotSent, Unknown
from reconciler.partner.answer import Answer, Known
from reconciler.partner.instances import InstanceAccess, InstanceCall
from reconciler.partner.methods import GET_SETTINGS, GET_STATE_INSTANCE, SET_SETTINGS, Method
from reconciler.secrets import Secret
from tests.exactly_once.world import Time


@dataclass
class Machine:
    """One instance. *sets* is what becomes of the next setSettings, one after the other: usual,
    lost (done, and not answered), dropped (answered, and not done), gone (neither), refused,
    unlinks, or late (shown a minute later)."""

    settings: dict[str, Any]
    state: str = "notAuthorized"
    sets: list[str] = field(default_factory=list)
    silent: str | None = None  # the status that every read is answered with
    secretive: Method[Any, Any] | None = None  # what it does not tell
    restarts: int = 0
    shown_from: float = 0.0
    before: dict[str, Any] = field(default_factory=dict)


@dataclass
class Fleet:
    """The API of *machines*, by their ids."""

    time: Time
    machines: dict[int, Machine] = field(default_factory=dict)
    url: str = "https://api.example.com"
    asked: Counter[str] = field(default_factory=Counter)
    lock: Any = field(default_factory=Lock)

    def way(self, number: int) -> InstanceAccess:
        return InstanceAccess(number, Secret(f"{number:050x}"), self.url)

    def account(self, *, tries: int = 5, stopping: Event | None = None) -> Account:
        return Account(())

    def send(self, method: Method[Any, Any], asked: Any) -> Any:
        assert method is SET_SETTINGS
        assert isinstance(asked, InstanceCall)
        with self.lock:
            machine = self.machines[asked.instance.id_instance]
            self.asked["setSettings"] += 1
            what = machine.sets.pop(0) if machine.sets else "usual"
            if what == "refused":
                return self._judged(method, {"message": "bad"}, 400)
            if what == "unsent":
                return NotSent("connection refused")
            if what not in ("dropped", "gone"):
                self._set(machine, dict(asked.body), what)
            if what in ("lost", "gone"):
                return Unknown("connection reset")
            return self._judged(method, {"saveSettings": True})

    def _set(self, machine: Machine, body: dict[str, Any], what: str) -> None:
        plain = {n: v.reveal_typed() if isinstance(v, Secret) else v for n, v in body.items()}
        machine.before = dict(machine.settings)
        machine.shown_from = self.time.passed + (60 if what == "late" else 0)
        machine.settings |= plain
        machine.restarts += 1
        if what == "unlinks":
            machine.state = "notAuthorized"

    def read(
        self,
        method: Method[Any, Any],
        asked: Any,
        *,
        tries: int = 1,
        stopping: Event | None = None,
    ) -> Any:
        with self.lock:
            machine = self.machines[asked.instance.id_instance]
            self.asked[method.path.split("/")[2]] += 1
            if machine.silent is not None:
                return self._judged(method, {}, int(machine.silent))
            if method is machine.secretive:
                return self._judged(method, {}, 404)
            if method is GET_STATE_INSTANCE:
                return self._judged(method, {"stateInstance": machine.state})
            assert method is GET_SETTINGS
            late = self.time.passed < machine.shown_from
            return self._judged(method, machine.before if late else machine.settings)

    def _judged(self, method: Method[Any, Any], value: object, status: int = 200) -> Any:
        answer = Answer(status, {}, [json.dumps(value).encode()])
        return method.judge(answer, Known(self.time.now()))
