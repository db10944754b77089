"""The methods of one instance: getStateInstance, getSettings, setSettings."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reconciler.sandbox.account import Configured, Row
from reconciler.sandbox.answers import encode, failure
from reconciler.sandbox.faults import On
from reconciler.sandbox.parameters import BadBody, check_body, default_of
from reconciler.sandbox.partner_methods import read_json
from reconciler.sandbox.world import World


class InstanceMethods:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """Return the routes, each with and without the prefix that MAX instances have."""
        methods = [
            ("getStateInstance", self.get_state, "GET"),
            ("getSettings", self.get_settings, "GET"),
            ("setSettings", self.set_settings, "POST"),
        ]
        return [
            Route(f"{prefix}/waInstance{{id:int}}/{name}/{{token}}", method, methods=[verb])
            for prefix in ("", "/v3")
            for name, method, verb in methods
        ]

    async def get_state(self, request: Request) -> Response:
        row = self._admitted(request)
        if row is None:
            return failure(401, "Unauthorized")
        url = str(request.url)
        return await self._world.serve(On.STATE, row.name, url, lambda _: self._state(row))

    async def get_settings(self, request: Request) -> Response:
        row = self._admitted(request)
        if row is None:
            return failure(401, "Unauthorized")
        url = str(request.url)
        return await self._world.serve(On.SETTINGS, row.name, url, lambda _: self._settings(row))

    async def set_settings(self, request: Request) -> Response:
        world, row = self._world, self._admitted(request)
        if row is None:
            return failure(401, "Unauthorized")
        settable = {name: rule for name, rule in world.parameters.items() if name != "name"}
        body = await read_json(request)
        checked = check_body(body, settable, tolerant=world.settings.tolerant)
        if isinstance(checked, BadBody):
            return failure(400, f"Bad request: {checked.reason}")
        ready_at = world.now() + timedelta(seconds=world.settings.birth)
        event = Configured(row.id_instance, {**row.parameters, **checked}, ready_at)

        def act(_: object) -> bytes:
            world.record(event)
            return b'{"saveSettings":true}'

        return await world.serve(On.SET_SETTINGS, row.name, str(request.url), act)

    def _admitted(self, request: Request) -> Row | None:
        """Return the instance that is asked for, if it is alive and this is its token."""
        row = self._world.account.row(request.path_params["id"])
        if row is None or row.deleted_at is not None or row.token != request.path_params["token"]:
            return None
        return row

    def _state(self, row: Row) -> bytes:
        if self._world.now() >= row.ready_at:
            return b'{"stateInstance":"notAuthorized"}'
        return b'{"stateInstance":"starting"}' if row.rebooted else b"null"

    def _settings(self, row: Row) -> bytes:
        rules = self._world.parameters
        unset = {name: default_of(rule) for name, rule in rules.items() if name != "name"}
        return encode({**unset, **row.parameters})
