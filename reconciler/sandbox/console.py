"""What a person does in the vendor's console, and what only a rehearsal can: `/sandbox/…`."""

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reconciler.sandbox.answers import encode, failure, usual
from reconciler.sandbox.codes import pairs, scans
from reconciler.sandbox.events import InstanceDeleted, InstanceRow
from reconciler.sandbox.hands import (
    PHONE,
    ByHand,
    LinkByHand,
    RenameByHand,
    SetByHand,
    StateByHand,
    UnlinkByHand,
    handled,
)
from reconciler.sandbox.orders import read_order
from reconciler.sandbox.partner_methods import NOT_JSON, read_json
from reconciler.sandbox.script_reader import ScriptError, read_script
from reconciler.sandbox.service import Service
from reconciler.sandbox.settings import SettingsError, changed
from reconciler.sandbox.states import settled_state


class Console:
    """The endpoints below `/sandbox`: bill, faults, settings, and instances changed by hand."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        return [
            Route("/sandbox/bill", self.bill, methods=["GET"]),
            Route("/sandbox/faults", self.get_faults, methods=["GET"]),
            Route("/sandbox/faults", self.set_faults, methods=["POST"]),
            Route("/sandbox/faults", self.clear_faults, methods=["DELETE"]),
            Route("/sandbox/settings", self.change, methods=["POST"]),
            Route("/sandbox/reset", self.reset, methods=["POST"]),
            Route("/sandbox/instances", self.instances, methods=["GET"]),
            Route("/sandbox/instances", self.create, methods=["POST"]),
            Route("/sandbox/instances/{id:int}", self.edit, methods=["POST"]),
            Route("/sandbox/instances/{id:int}/link", self.link, methods=["POST"]),
            Route("/sandbox/instances/{id:int}", self.delete, methods=["DELETE"]),
        ]

    async def bill(self, _: Request) -> Response:
        bill = self._service.account.bill()
        return usual(
            encode(
                {
                    "creates": bill.creates,
                    "total": bill.total,
                    "live": bill.live,
                    "deleted": bill.deleted,
                    "byHand": bill.by_hand,
                    "posts": bill.posts,
                    "postsByName": bill.posts_by_name,
                    "listings": bill.listings,
                    "peak": self._service.flight.peak,
                }
            )
        )

    async def get_faults(self, _: Request) -> Response:
        script = self._service.script
        pairs = zip(script.rules, script.uses(), strict=True)
        return usual(encode([{"rule": rule.said, **asdict(use)} for rule, use in pairs]))

    async def set_faults(self, request: Request) -> Response:
        said = await read_json(request)
        if said is NOT_JSON:
            return failure(400, "JSON expected; a script in YAML is for --faults FILE")
        try:
            self._service.set_faults(read_script(said))
        except ScriptError as error:
            return failure(400, str(error))
        return await self.get_faults(request)

    async def clear_faults(self, request: Request) -> Response:
        self._service.set_faults(())
        return await self.get_faults(request)

    async def change(self, request: Request) -> Response:
        try:
            settings = changed(self._service.settings, await read_json(request))
        except SettingsError as error:
            return failure(400, str(error))
        self._service.change(settings)
        return await self.bill(request)

    async def reset(self, request: Request) -> Response:
        wanted = await read_json(request) if await request.body() else {}
        try:
            settings = changed(self._service.start, wanted)
        except SettingsError as error:
            return failure(400, str(error))
        self._service.reset(settings)
        return await self.bill(request)

    async def instances(self, _: Request) -> Response:
        return usual(encode([_fields(row) for row in self._service.account]))

    async def create(self, request: Request) -> Response:
        """Make instances by hand, and answer their ids."""
        service, wanted = self._service, read_order(await read_json(request))
        if isinstance(wanted, str):
            return failure(400, wanted)
        made = []
        for _ in range(wanted.count):
            row = service.make(
                {"name": wanted.name}, by_hand=True, plan=wanted.plan, days_old=wanted.days_old
            )
            made.append(row.id_instance)
            if wanted.deleted:
                service.record(InstanceDeleted(row.id_instance, service.now()))
        return usual(encode(made))

    async def edit(self, request: Request) -> Response:
        """Rename an instance, force its state, or change its settings behind everybody's back."""
        row, service = self._row(request), self._service
        wanted: Any = await read_json(request)
        if row is None:
            return failure(404, "Not found")
        match wanted:
            case {"name": str(name)}:
                hand: ByHand = RenameByHand(row.name, name)
            case {"state": str() | None as state}:
                hand = StateByHand(row.name, state)
            case {"settings": dict()}:
                hand = SetByHand(row.name, wanted["settings"])
            case {"phone": None}:
                hand = UnlinkByHand(row.name)
            case _:
                return failure(400, "name, state, settings or phone (null) is missing")
        service.record(*handled(hand, row, service.now()))
        return usual(encode(wanted))

    async def link(self, request: Request) -> Response:
        """Do what a person does with a phone; *qr* or *code*, where given, must still be good."""
        row, wanted, service = self._row(request), await read_json(request), self._service
        now = service.now()
        if row is None or row.deleted_at is not None:
            return failure(404, "Not found")
        if not isinstance(wanted, dict):
            return failure(400, "a JSON object is expected")
        if "qr" in wanted and not scans(row, now, str(wanted["qr"])):
            return failure(400, "the QR code is not this instance's, or too old")
        if "code" in wanted and not pairs(row, now, str(wanted["code"])):
            return failure(400, "the code is not this instance's, or too old")
        hand = LinkByHand(
            row.name,
            str(wanted.get("phone", PHONE)),
            wanted.get("settings", {}),
            wanted.get("password"),
        )
        service.record(*handled(hand, row, now))
        return usual(encode({"phone": hand.phone}))

    async def delete(self, request: Request) -> Response:
        row = self._row(request)
        if row is None or row.deleted_at is not None:
            return failure(404, "Not found")
        self._service.record(InstanceDeleted(row.id_instance, self._service.now()))
        return usual(encode({"deleted": True}))

    def _row(self, request: Request) -> InstanceRow | None:
        return self._service.account.row(request.path_params["id"])


def _fields(row: InstanceRow) -> dict[str, object]:
    return {
        "idInstance": row.id_instance,
        "name": row.name,
        "sentName": row.sent_name,
        "apiTokenInstance": row.token,
        "parameters": dict(row.parameters),
        "deleted": row.deleted_at is not None,
        "createdAt": row.created_at.isoformat(),
        "deletedAt": row.deleted_at and row.deleted_at.isoformat(),
        "loggedOutAt": row.logged_out_at and row.logged_out_at.isoformat(),
        "state": settled_state(row),
        "phone": row.phone,
        "reboots": row.reboots,
        "rotations": row.rotations,
    }
