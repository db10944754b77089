"""The methods of one instance: getStateInstance, getSettings, setSettings."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reconciler.sandbox.answers import encode, failure
from reconciler.sandbox.events import InstanceConfigured, InstanceRow
from reconciler.sandbox.parameters import BadBody
from reconciler.sandbox.partner_methods import read_json
from reconciler.sandbox.rules import On
from reconciler.sandbox.service import Service


class InstanceMethods:
    """The endpoints that an instance's own token opens."""

    def __init__(self, service: Service) -> None:
        self._service = service

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
        return await self._service.serve(On.STATE, row.name, url, lambda _: self._state(row))

    async def get_settings(self, request: Request) -> Response:
        row = self._admitted(request)
        if row is None:
            return failure(401, "Unauthorized")
        url = str(request.url)
        return await self._service.serve(On.SETTINGS, row.name, url, lambda _: self._settings(row))

    async def set_settings(self, request: Request) -> Response:
        service, row = self._service, self._admitted(request)
        if row is None:
            return failure(401, "Unauthorized")
        settable = service.parameters.without("name")
        checked = settable.check(await read_json(request), tolerant=service.settings.tolerant)
        if isinstance(checked, BadBody):
            return failure(400, f"Bad request: {checked.reason}")
        ready_at = service.now() + timedelta(seconds=service.settings.birth)
        event = InstanceConfigured(row.id_instance, {**row.parameters, **checked}, ready_at)

        def act(_: object) -> bytes:
            service.record(event)
            return b'{"saveSettings":true}'

        return await service.serve(On.SET_SETTINGS, row.name, str(request.url), act)

    def _admitted(self, request: Request) -> InstanceRow | None:
        """Return the instance that is asked for, if it is alive and this is its token."""
        row = self._service.account.row(request.path_params["id"])
        if row is None or row.deleted_at is not None or row.token != request.path_params["token"]:
            return None
        return row

    def _state(self, row: InstanceRow) -> bytes:
        if self._service.now() >= row.ready_at:
            return b'{"stateInstance":"notAuthorized"}'
        return b'{"stateInstance":"starting"}' if row.rebooted else b"null"

    def _settings(self, row: InstanceRow) -> bytes:
        unset = self._service.parameters.without("name").defaults()
        return encode({**unset, **row.parameters})
