"""The methods that link a phone to an instance, show the account behind it, and log it out."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from reconciler.sandbox.answers import encode
from reconciler.sandbox.codes import pairing_code, png_of, qr_payload
from reconciler.sandbox.door import Door
from reconciler.sandbox.events import InstanceRow, PhoneLinked, PhoneUnlinked
from reconciler.sandbox.partner_methods import read_json
from reconciler.sandbox.rules import On, Rule
from reconciler.sandbox.service import Service
from reconciler.sandbox.states import logging_out, state_at

Handler = Callable[[Request], Awaitable[Response]]
_WHATSAPP: Final = "whatsapp"


class LinkingMethods:
    """What a person with a phone needs. Only the phone is missing: the console plays it."""

    def __init__(self, service: Service, door: Door) -> None:
        self._service, self._door = service, door

    def methods(self) -> list[tuple[str, Handler, str]]:
        return [
            ("getWaSettings", self.get_account, "GET"),
            ("getAccountSettings", self.get_account, "GET"),
            ("qr", self.qr, "GET"),
            ("getAuthorizationCode", self.get_code, "POST"),
            ("sendAuthorizationPassword", self.send_password, "POST"),
            ("logout", self.logout, "GET"),
        ]

    async def get_account(self, request: Request) -> Response:
        def act(row: InstanceRow, _: Rule) -> bytes:
            now, word = self._service.now(), self._state(row)
            linked = word == "authorized"
            until = int((now + timedelta(days=1)).timestamp()) if word == "suspended" else None
            return encode(
                {
                    "avatar": "",
                    "phone": row.phone if linked else "",
                    "chatId": f"{row.phone}@c.us" if linked else "",
                    "deviceId": f"{row.phone}:1" if linked else "",
                    "stateInstance": word,
                    "suspendedUntil": until,
                    "logoutProcess": logging_out(row, now),
                    "historySyncProgress": 100 if linked else 0,
                }
            )

        return await self._door.serve(On.ACCOUNT, request, act)

    async def qr(self, request: Request) -> Response:
        def act(row: InstanceRow, _: Rule) -> bytes:
            match self._state(row):
                case "notAuthorized":
                    payload = qr_payload(row, self._service.now())
                    return encode({"type": "qrCode", "message": png_of(payload)})
                case "authorized":
                    message = "instance account already authorized"
                    return encode({"type": "alreadyLogged", "message": message})
                case word:
                    return encode({"type": "error", "message": f"instance is {word}"})

        return await self._door.serve(On.QR, request, act)

    async def get_code(self, request: Request) -> Response:
        match await read_json(request):
            case {"phoneNumber": int(number)} if number > 0:
                bad = None
            case _:
                bad = "phoneNumber must be an integer"

        def check(row: InstanceRow) -> str | None:
            if row.type_instance != _WHATSAPP:
                return "only for WhatsApp"
            return bad or self._not_in("notAuthorized", row)

        def act(row: InstanceRow, _: Rule) -> bytes:
            return encode({"status": True, "code": pairing_code(row, self._service.now())})

        return await self._door.serve(On.CODE, request, act, check=check)

    async def send_password(self, request: Request) -> Response:
        match await read_json(request):
            case {"password": str(password)}:
                bad = None
            case _:
                password, bad = "", "password must be a string"

        def act(row: InstanceRow, _: Rule) -> bytes:
            right = row.phone is not None and password == row.password
            if right and row.phone is not None:
                self._service.record(PhoneLinked(row.id_instance, row.phone, self._service.now()))
            data = {"status": "authorized" if right else "pendingPassword"}
            reason = "" if right else "wrong password"
            return encode({"status": right, "data": {**data, "reason": reason}})

        def check(row: InstanceRow) -> str | None:
            return bad or self._not_in("pendingPassword", row)

        return await self._door.serve(On.PASSWORD, request, act, check=check)

    async def logout(self, request: Request) -> Response:
        def act(row: InstanceRow, _: Rule) -> bytes:
            now = self._service.now()
            over_at = now + timedelta(seconds=self._service.settings.logout)
            self._service.record(PhoneUnlinked(row.id_instance, now, over_at))
            return b'{"isLogout":true}'

        def check(row: InstanceRow) -> str | None:
            return self._not_in("authorized", row)

        return await self._door.serve(On.LOGOUT, request, act, check=check)

    def _state(self, row: InstanceRow) -> str:
        newborn = self._service.settings.newborn.split(",")
        return state_at(row, self._service.now(), newborn) or "starting"

    def _not_in(self, wanted: str, row: InstanceRow) -> str | None:
        word = self._state(row)
        return None if word == wanted else f"instance is {word}"
