"""Links a phone to an instance: shows what the API has for the person with the phone, until it is
linked, or never will be, or the time is up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from reconciler.apply.ports import PartnerApi
from reconciler.evidence.states import BLOCKED, SUSPENDED
from reconciler.model import LINKED, NotSent, Rejected, Throttled, Unknown
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import (
    InstanceAccess,
    InstanceCall,
    PairingCode,
    PasswordTold,
    QrTold,
)
from reconciler.partner.methods import (
    GET_ACCOUNT_SETTINGS,
    GET_AUTHORIZATION_CODE,
    GET_STATE_INSTANCE,
    GET_WA_SETTINGS,
    QR,
    SEND_AUTHORIZATION_PASSWORD,
)
from reconciler.secrets import Secret

_WHATSAPP: Final = "whatsapp"
_QUICK, _SLOW = 1.5, 5.0  # seconds between two questions; other messengers limit them more
_FRESH, _TYPED_BY = 20.0, 150.0  # seconds that a QR code, and a code to type, are good for


class Screen(Protocol):
    """Where the person looks."""

    def show_qr(self, picture: str) -> None:
        """Show a QR code, a PNG in base64, in the place of the one before."""

    def show_code(self, code: Secret) -> None:
        """Show what is to be typed on the phone."""

    def say(self, text: str) -> None:
        """Say what happens, in the place of a code; the same twice in a row is said once."""

    def ask_password(self, patience: float) -> Secret | None:
        """Ask for the password of the messenger's account; None if nobody gave it in *patience*
        seconds, where that can be told."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A phone is linked; *phone* is its number, where the API told it."""

    phone: str | None


@dataclass(frozen=True, slots=True)
class NotLinked:
    """It did not come to that; *late*: the time was up, and another try may do."""

    reason: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Linking:
    """What linking one *instance* of a *messenger* needs; *timeout* is in seconds."""

    instance: InstanceAccess
    messenger: str | None
    api: PartnerApi
    screen: Screen
    monotonic: Callable[[], float]
    sleep: Callable[[float], object]
    timeout: float

    def by_qr(self) -> Linked | NotLinked:
        """Show QR codes until one was scanned. Asking for longer was seen to wear instances out."""
        end = self.monotonic() + self.timeout
        shown, good_until, missing = "", 0.0, ""
        while (now := self.monotonic()) < end:
            told, pause = self.api.read(QR, self._call), _SLOW
            missing = f"; no code came: {told.reason}" if isinstance(told, Unreadable) else ""
            if isinstance(told, QrTold) and told.kind == "qrCode":
                pause = self._pause
                if told.message != shown:
                    self.screen.show_qr(told.message)
                    shown, good_until = told.message, now + _FRESH
            elif isinstance(told, QrTold) or not shown or now >= good_until:
                shown = ""
                if (ended := self._without_code(told, end)) is not None:
                    return ended
            self.sleep(min(pause, max(0.0, end - self.monotonic())))
        return NotLinked(f"the time is up{missing}", late=True)

    def _without_code(self, told: QrTold | Unreadable, end: float) -> Linked | NotLinked | None:
        """Say why there is no QR code; return how it ended, None while it goes on."""
        match told:
            case Unreadable(reason):
                self.screen.say(f"no code yet: {reason}")
            case QrTold("alreadyLogged"):
                return self._linked()
            case QrTold("passkeyRequired"):
                self.screen.say("the phone asks for a passkey: confirm it there")
            case QrTold("error", text):
                return self._ended(end, otherwise=text)
            case QrTold(kind, text):
                return NotLinked(text or f"the API answers {kind}")
        return None

    def by_code(self, phone: int) -> Linked | NotLinked:
        """Show a pairing code for the *phone*'s number, and wait until it was typed there."""
        call = InstanceCall(self.instance, {"phoneNumber": phone})
        match self.api.send(GET_AUTHORIZATION_CODE, call):
            case PairingCode(code):
                self.screen.show_code(code)
            case Rejected(_, reason) | NotSent(reason) | Unknown(reason):
                return NotLinked(reason)
            case Throttled():
                return NotLinked("too many requests (429): wait a minute", late=True)
        end, old = self.monotonic() + self.timeout, self.monotonic() + _TYPED_BY
        while (now := self.monotonic()) < end:
            if (ended := self._ended(end)) is not None:
                return ended
            if now >= old:
                self.screen.say("the code is too old by now; if it was not typed, begin anew")
                old = end
            self.sleep(_QUICK)
        return NotLinked(
            "the time is up; after a wrong code another one may not come: use the QR code",
            late=True,
        )

    @property
    def _call(self) -> InstanceCall:
        return InstanceCall(self.instance)

    @property
    def _pause(self) -> float:
        return _QUICK if self.messenger == _WHATSAPP else _SLOW

    def _ended(self, end: float, *, otherwise: str = "") -> Linked | NotLinked | None:
        """Return how it ended by the state of the instance; None while it goes on. Then the
        password is asked for, where the state says so, until *end*; *otherwise* is said."""
        told = self.api.read(GET_STATE_INSTANCE, self._call)
        word = "" if isinstance(told, Unreadable) else told.word
        if word == LINKED:
            return self._linked()
        if word in SUSPENDED | BLOCKED:
            return NotLinked(f"the instance is {word}")
        if word == "pendingPassword":
            self._send_password(end)
        elif otherwise:
            self.screen.say(otherwise)
        return None

    def _send_password(self, end: float) -> None:
        """Ask for the password until one is taken, or something else is in its way."""
        while (now := self.monotonic()) < end:
            if (password := self.screen.ask_password(end - now)) is None:
                return
            call = InstanceCall(self.instance, {"password": password})
            match self.api.send(SEND_AUTHORIZATION_PASSWORD, call):
                case PasswordTold(True):
                    self.screen.say("the password is right")
                    return
                case PasswordTold(False, reason):
                    self.screen.say(f"the password was not taken: {reason or 'no reason given'}")
                case Rejected(_, reason) | NotSent(reason) | Unknown(reason):
                    self.screen.say(f"the password was not taken: {reason}")
                    return
                case Throttled():
                    self.screen.say("too many requests (429): wait a minute")
                    return

    def _linked(self) -> Linked:
        whatsapp = self.messenger == _WHATSAPP
        told = self.api.read(
            GET_WA_SETTINGS if whatsapp else GET_ACCOUNT_SETTINGS, self._call, tries=2
        )
        return Linked(None if isinstance(told, Unreadable) else told.phone)
