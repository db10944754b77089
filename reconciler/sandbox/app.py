"""The application: every route there is, and 404 for all else, a wrong verb included."""

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reconciler.sandbox.answers import failure
from reconciler.sandbox.console import Console
from reconciler.sandbox.instance_methods import InstanceMethods
from reconciler.sandbox.partner_methods import PartnerMethods
from reconciler.sandbox.service import Service


def build_app(service: Service) -> ASGIApp:
    """Return what answers every request of the sandbox."""
    app = Starlette(
        routes=[
            *PartnerMethods(service).routes(),
            *InstanceMethods(service).routes(),
            *Console(service).routes(),
        ],
        exception_handlers={
            HTTPException: _not_there,
            OSError: _not_written,
            ClientDisconnect: _left,
        },
    )
    app.router.redirect_slashes = False
    return _dated(app, now=service.now)


def _dated(app: ASGIApp, *, now: Callable[[], datetime]) -> ASGIApp:
    """Give each answer of *app* the Date of the service's own clock, unless it has one."""

    async def dated(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(now(), usegmt=True)
                MutableHeaders(scope=message).setdefault("date", date)
            await send(message)

        await app(scope, receive, send_dated)

    return dated


async def _not_there(_: Request, error: Exception) -> Response:
    return failure(404, "Not found")


async def _not_written(_: Request, error: Exception) -> Response:
    return failure(500, f"the data file can't be written: {error}")


async def _left(_: Request, error: Exception) -> Response:
    return Response(status_code=400)  # nobody is there to read it
