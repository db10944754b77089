"""The methods of one instance: its state and settings, and what restarts it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reconciler.model import Scalar
from reconciler.sandbox.answers import encode
from reconciler.sandbox.door import Door
from reconciler.sandbox.events import (
    Event,
    InstanceConfigured,
    InstanceRestarted,
    InstanceRow,
    PhoneUnlinked,
)
from reconciler.sandbox.linking_methods import LinkingMethods
from reconciler.sandbox.parameters import BadBody
from reconciler.sandbox.partner_methods import read_json
from reconciler.sandbox.rules import On, Rule
from reconciler.sandbox.service import Service
from reconciler.sandbox.states import state_at

# What getSettings shows besides the parameters: it is read-only, or dead.
_READ_ONLY: Final = {
    "countryInstance": "",
    "typeAccount": "",
    "sharedSession": "no",
    "proxyInstance": "system_proxy",
    "enableMessagesHistory": "no",
    "statusInstanceWebhook": "no",
    "incomingMessageStatusWebhook": "no",
    "outgoingCallWebhook": "no",
}
_LINES: Final = 100  # of a history, unless it says how many


class InstanceMethods:
    """The endpoints that an instance's own token opens."""

    def __init__(self, service: Service) -> None:
        self._service, self._door = service, Door(service)

    def routes(self) -> list[Route]:
        """Return the routes, each with and without the prefix that MAX instances have."""
        methods = [
            ("getStateInstance", self.get_state, "GET"),
            ("getStateInstanceHistory", self.get_history, "GET"),
            ("GetStateInstanceHistory", self.get_history, "GET"),  # as the vendor's client says it
            ("getSettings", self.get_settings, "GET"),
            ("setSettings", self.set_settings, "POST"),
            ("reboot", self.reboot, "GET"),
            ("updateApiToken", self.update_token, "GET"),
            *LinkingMethods(self._service, self._door).methods(),
        ]
        return [
            Route(f"{prefix}/waInstance{{id:int}}/{name}/{{token}}", method, methods=[verb])
            for prefix in ("", "/v3")
            for name, method, verb in methods
        ]

    async def get_state(self, request: Request) -> Response:
        def act(row: InstanceRow, _: Rule) -> bytes:
            newborn = self._service.settings.newborn.split(",")
            word = state_at(row, self._service.now(), newborn)
            return b"null" if word is None else encode({"stateInstance": word})

        return await self._door.serve(On.STATE, request, act)

    async def get_history(self, request: Request) -> Response:
        count = _count(request.query_params.get("count"), await read_json(request))

        def act(row: InstanceRow, _: Rule) -> bytes:
            lines = self._service.account.history(row.id_instance)[:count]
            return encode(
                [
                    {
                        "stateInstance": line.state,
                        "timestamp": int(line.at.timestamp()),
                        "phoneNumber": line.phone or "",
                    }
                    for line in lines
                ]
            )

        return await self._door.serve(On.HISTORY, request, act)

    async def get_settings(self, request: Request) -> Response:
        def act(row: InstanceRow, _: Rule) -> bytes:
            now = self._service.now()
            stale = row.shown_at is not None and now < row.shown_at
            shown = row.old_parameters if stale else row.parameters
            unset = self._service.parameters.without("name").defaults()
            wid = f"{row.phone}@c.us" if row.phone else ""
            about = {"wid": wid, "typeInstance": row.type_instance, **_READ_ONLY}
            return encode({**about, **unset, **shown})

        return await self._door.serve(On.SETTINGS, request, act)

    async def set_settings(self, request: Request) -> Response:
        service = self._service
        settable = service.parameters.without("name")
        checked = settable.check(await read_json(request), tolerant=service.settings.tolerant)
        reason = checked.reason if isinstance(checked, BadBody) else None
        sent = {} if isinstance(checked, BadBody) else checked

        def act(row: InstanceRow, rule: Rule) -> bytes:
            after = rule.aftermath
            kept = _kept(sent, after.drops)
            seconds = timedelta(seconds=after.shown_seconds)
            shown_at = service.now() + seconds if seconds else None
            self._restart(
                row,
                rule,
                InstanceConfigured(
                    row.id_instance, {**row.parameters, **kept}, self._back(rule), shown_at
                ),
            )
            return b'{"saveSettings":true}'

        return await self._door.serve(On.SET_SETTINGS, request, act, check=lambda _: reason)

    async def reboot(self, request: Request) -> Response:
        def act(row: InstanceRow, rule: Rule) -> bytes:
            self._restart(row, rule, InstanceRestarted(row.id_instance, self._back(rule)))
            return b'{"isReboot":true}'

        return await self._door.serve(On.REBOOT, request, act)

    async def update_token(self, request: Request) -> Response:
        def act(row: InstanceRow, _: Rule) -> bytes:
            return encode({"apiTokenInstance": self._service.rotate(row)})

        return await self._door.serve(On.ROTATE, request, act)

    def _back(self, rule: Rule) -> datetime:
        """Return when an instance that restarts now is there again."""
        seconds = rule.aftermath.restart_seconds
        if seconds is None:
            seconds = self._service.settings.restart
        return self._service.now() + timedelta(seconds=seconds)

    def _restart(self, row: InstanceRow, rule: Rule, restart: Event) -> None:
        events = [restart]
        if rule.aftermath.unlinks and row.phone is not None:
            events.append(PhoneUnlinked(row.id_instance, self._service.now()))
        self._service.record(*events)


def _kept(sent: Mapping[str, Scalar], drops: str | None) -> dict[str, Scalar]:
    return {
        name: value for name, value in sent.items() if drops is None or not fnmatchcase(name, drops)
    }


def _count(query: str | None, body: object) -> int:
    """Return how many lines are asked for, in the query or in a JSON body."""
    in_body = body.get("count") if isinstance(body, dict) else None
    said = str(in_body if query is None else query)
    return int(said) if said.isdecimal() else _LINES
