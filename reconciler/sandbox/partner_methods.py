"""The three partner methods: createInstance, getInstances, deleteInstanceAccount."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reconciler.model import Scalar
from reconciler.sandbox.answers import encode, failure, soft_failure
from reconciler.sandbox.events import (
    CreateArrived,
    InstanceDeleted,
    InstanceRow,
    ListingServed,
)
from reconciler.sandbox.parameters import BadBody
from reconciler.sandbox.rules import On, Rule, Twist, View
from reconciler.sandbox.service import Service
from reconciler.schemas import annotations

NOT_JSON: Final = object()
_NEVER: Final = "0001-01-01T00:00:00"
_PAID_FOR: Final = timedelta(days=30)


class PartnerMethods:
    """The endpoints that the partner token opens."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._creatable = service.parameters.without(*annotations("afterCreation"))
        # rows as they are listed: of ten thousand, hardly one changes between two listings
        self._encoded: dict[int, tuple[InstanceRow, bytes]] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/partner/createInstance/{token:path}", self.create_instance, methods=["POST"]),
            Route("/partner/getInstances/{token:path}", self.get_instances, methods=["GET"]),
            Route(
                "/partner/deleteInstanceAccount/{token:path}",
                self.delete_instance,
                methods=["POST"],
            ),
        ]

    async def create_instance(self, request: Request) -> Response:
        service = self._service
        with service.flight:
            body = await read_json(request)
            service.record(CreateArrived(_name(body)))
            if stopped := service.stopped_at_the_door(On.CREATE, request.path_params["token"]):
                return stopped
            checked = self._creatable.check(body, tolerant=service.settings.tolerant)
            if isinstance(checked, BadBody):
                service.log(f"create: {checked.reason}")
                return failure(400, f"Bad request: {checked.reason}")

            def act(rule: Rule) -> bytes:
                return self._create(checked, rule.twist)

            return await service.serve(On.CREATE, _name(checked) or "", str(request.url), act)

    async def get_instances(self, request: Request) -> Response:
        service = self._service
        if stopped := service.stopped_at_the_door(On.LIST, request.path_params["token"]):
            return stopped
        return await service.serve(
            On.LIST, "", str(request.url), lambda rule: self._list(rule.view)
        )

    async def delete_instance(self, request: Request) -> Response:
        service = self._service
        body = await read_json(request)
        if stopped := service.stopped_at_the_door(On.DELETE, request.path_params["token"]):
            return stopped
        wanted = body.get("idInstance") if isinstance(body, dict) else None
        if not isinstance(wanted, int) or isinstance(wanted, bool):
            return failure(400, "Bad request: idInstance must be an integer")
        row = service.account.row(wanted)
        if row is None or row.deleted_at is not None:
            return soft_failure(404, "Not found")

        def act(_: Rule) -> bytes:
            service.record(InstanceDeleted(wanted, service.now()))
            return b'{"deleteInstanceAccount":true}'

        return await service.serve(On.DELETE, row.name, str(request.url), act)

    def _create(self, sent: Mapping[str, Scalar], twist: Twist) -> bytes:
        row = self._service.make(sent, twist=twist)
        if twist.twin:
            self._service.make(sent, twist=twist, by_hand=True)
        return encode(
            {
                "idInstance": row.id_instance,
                "apiTokenInstance": row.token,
                "typeInstance": row.type_instance,
            }
        )

    def _list(self, view: View) -> bytes:
        service = self._service
        service.record(ListingServed())
        rows = service.account.listing(service.now() - timedelta(seconds=view.stale_seconds))
        if view.lacks is not None:
            rows = [row for row in rows if not fnmatchcase(row.name, view.lacks)]
        rows = rows[: view.first]
        tokens = service.settings.list_tokens
        return b"[" + b",".join([self._listed(row, tokens=tokens) for row in rows]) + b"]"

    def _listed(self, row: InstanceRow, *, tokens: bool) -> bytes:
        if not tokens:
            fields = _fields(row).items()
            return encode({name: value for name, value in fields if name != "apiTokenInstance"})
        cached = self._encoded.get(row.id_instance)
        if cached is None or cached[0] is not row:
            cached = self._encoded[row.id_instance] = (row, encode(_fields(row)))
        return cached[1]


async def read_json(request: Request) -> object:
    """Return what the body says, `NOT_JSON` when it is none."""
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        return NOT_JSON


def _name(body: object) -> str | None:
    name = body.get("name") if isinstance(body, Mapping) else None
    return name if isinstance(name, str) else None


def _fields(row: InstanceRow) -> Mapping[str, Scalar]:
    return {
        "idInstance": row.id_instance,
        "name": row.name,
        "typeInstance": row.type_instance,
        "timeCreated": _time(row.created_at),
        "timeDeleted": _NEVER if row.deleted_at is None else _time(row.deleted_at),
        "apiTokenInstance": row.token,
        "deleted": row.deleted_at is not None,
        "tariff": row.plan.tariff,
        "isFree": row.plan.is_free,
        "isPartner": row.plan.is_partner,
        "expirationDate": _time(row.created_at + _PAID_FOR),
        "isExpired": row.plan.is_expired,
    }


def _time(moment: datetime) -> str:
    """A time as the API writes it: to the second, and without saying in which zone."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")
