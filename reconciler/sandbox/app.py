"""The application: every route there is, and 404 for all else, a wrong verb included."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reconciler.sandbox.answers import failure
from reconciler.sandbox.console import Console
from reconciler.sandbox.instance_methods import InstanceMethods
from reconciler.sandbox.partner_methods import PartnerMethods
from reconciler.sandbox.service import Service


def build_app(service: Service) -> Starlette:
    app = Starlette(
        routes=[
            *PartnerMethods(service).routes(),
            *InstanceMethods(service).routes(),
            *Console(service).routes(),
        ],
        exception_handlers={HTTPException: _not_there, OSError: _not_written},
    )
    app.router.redirect_slashes = False
    return app


async def _not_there(_: Request, error: Exception) -> Response:
    return failure(404, "Not found")


async def _not_written(_: Request, error: Exception) -> Response:
    return failure(500, f"the data file can't be written: {error}")
