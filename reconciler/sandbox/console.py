"""What a person does in the vendor's console, and what only a rehearsal can: `/sandbox/…`."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reconciler.sandbox.answers import encode, failure, usual
from reconciler.sandbox.events import InstanceDeleted, InstanceRenamed, InstanceRow
from reconciler.sandbox.partner_methods import NOT_JSON, read_json
from reconciler.sandbox.script_reader import ScriptError, read_script
from reconciler.sandbox.service import Service
from reconciler.sandbox.settings import SettingsError, changed


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
            Route("/sandbox/instances/{id:int}", self.rename, methods=["POST"]),
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
        """Make instances by hand: {"name", "count" (1), "deleted" (false)}; answers their ids."""
        service, wanted = self._service, await read_json(request)
        match wanted:
            case {"name": str(name), **options}:
                count, deleted = options.get("count", 1), options.get("deleted", False)
            case _:
                return failure(400, "name is missing")
        if type(count) is not int or not 1 <= count <= 100_000 or not isinstance(deleted, bool):
            return failure(400, "count is a whole number from 1, deleted is true or false")
        made = []
        for _ in range(count):
            row = service.make({"name": name}, by_hand=True)
            made.append(row.id_instance)
            if deleted:
                service.record(InstanceDeleted(row.id_instance, service.now()))
        return usual(encode(made))

    async def rename(self, request: Request) -> Response:
        row, wanted = self._row(request), await read_json(request)
        if row is None:
            return failure(404, "Not found")
        match wanted:
            case {"name": str(name)}:
                self._service.record(InstanceRenamed(row.id_instance, name))
                return usual(encode({"name": name}))
            case _:
                return failure(400, "name is missing")

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
    }
