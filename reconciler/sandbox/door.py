"""The door of the instance methods: who comes in, and what the others are told."""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from reconciler.sandbox.answers import failure, usual
from reconciler.sandbox.events import InstanceRow
from reconciler.sandbox.rules import On, Rule
from reconciler.sandbox.service import Service
from reconciler.sandbox.states import birth_phase

Act = Callable[[InstanceRow, Rule], bytes]
Check = Callable[[InstanceRow], str | None]


class Door:
    """Lets requests for an instance in, and has the fault script deal with them."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def serve(
        self, on: On, request: Request, act: Act, *, check: Check = lambda _: None
    ) -> Response:
        """Answer with what *act* does to the instance, as the fault script wants it.

        Whatever *check* has against it is a 400, as a request is that comes too early.
        """
        service, id_instance = self._service, request.path_params["id"]
        row = service.account.row(id_instance)
        if row is None or row.token != request.path_params["token"]:
            return failure(401, "Unauthorized")
        if stopped := self._stopped(on, row):
            service.log(f"{on} {row.name!r}: {stopped.status_code}")
            return stopped
        if reason := check(row):
            return failure(400, f"Bad request: {reason}")

        def act_now(rule: Rule) -> bytes:
            current = service.account.row(id_instance)  # hands may just have changed it
            return act(current or row, rule)

        return await service.serve(on, row.name, str(request.url), act_now)

    def _stopped(self, on: On, row: InstanceRow) -> Response | None:
        settings = self._service.settings
        if row.deleted_at is not None:
            return _DELETED[settings.deleted_looks](on)
        if self._service.too_soon(on, row):
            return failure(429, "Too many requests", retry_after=settings.retry_after)
        match birth_phase(row, self._service.now(), settings.newborn.split(",")):
            case "unauthorized":
                return Response(b"", 401)
            case "missing":
                return failure(404, "Not found")
        return None


def _starting(on: On) -> Response:
    """A deleted instance that looks as if it were on its way up."""
    if on is On.STATE:
        return usual(b'{"stateInstance":"starting"}')
    return failure(400, "Bad request: instance is starting")


_DELETED: Final[dict[str, Callable[[On], Response]]] = {
    "unauthorized": lambda _: failure(401, "Unauthorized"),
    "missing": lambda _: failure(404, "Not found"),
    "gone": lambda _: failure(400, "Bad request: instance is deleted"),
    "starting": _starting,
}
