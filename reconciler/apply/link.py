"""Links a phone to an instance: shows what the API has for the person with the phone, until it is
linked, or never will be, or the time is up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from reconciler.apply.ports import PartnerApi
from reconciler.evidence.states import BLOCKED, SUSPENDED
from reconciler.model import NotSent, Rejected, Throttled, Unknown
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


class Screen(Protocol):
    """Where the person looks."""

    def show_qr(self, picture: str) -> None:
        """Show a QR code, a PNG in base64, in the place of the one before."""

    def show_code(self, code: Secret) -> None:
        """Show what is to be typed on the phone."""

    def say(self, text: str) -> None:
        """Say what happens; the same text twice in a row is said once."""

    def ask_password(self) -> Secret:
        """Ask for the password of the messenger's account."""


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
        end, shown = self.monotonic() + self.timeout, ""
        while self.monotonic() < end:
            told = self.api.read(QR, self._call)
            pause = self._pause
            match told:
                case Unreadable(reason):
                    self.screen.say(f"no code yet: {reason}")
                    pause = _SLOW
                case QrTold("qrCode", picture):
                    if picture != shown:
                        self.screen.show_qr(picture)
                    shown = picture
                case QrTold("alreadyLogged"):
                    return self._linked()
                case QrTold("passkeyRequired"):
                    self.screen.say("the phone asks for a passkey: confirm it there")
                    pause = _SLOW
                case QrTold("error", text):
                    if (ended := self._state()) is not None:
                        return ended
                    self.screen.say(text)
                    pause = _SLOW
                case QrTold(kind, text):
                    return NotLinked(text or f"the API answers {kind}")
            self.sleep(pause)
        return NotLinked("the time is up", late=True)

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
        end = self.monotonic() + self.timeout
        while self.monotonic() < end:
            if (ended := self._state()) is not None:
                return ended
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

    def _state(self) -> Linked | NotLinked | None:
        """Return how it ended by the state of the instance; None while it goes on."""
        told = self.api.read(GET_STATE_INSTANCE, self._call)
        if isinstance(told, Unreadable):
            return None
        if told.word == "authorized":
            return self._linked()
        if told.word in SUSPENDED | BLOCKED:
            return NotLinked(f"the instance is {told.word}")
        if told.word == "pendingPassword":
            self._send_password()
        return None

    def _send_password(self) -> None:
        password = self.screen.ask_password()
        call = InstanceCall(self.instance, {"password": password})
        match self.api.send(SEND_AUTHORIZATION_PASSWORD, call):
            case PasswordTold(True):
                self.screen.say("the password is right")
            case PasswordTold(False, reason):
                self.screen.say(f"the password was not taken: {reason or 'no reason given'}")
            case Rejected(_, reason) | NotSent(reason) | Unknown(reason):
                self.screen.say(f"the password was not taken: {reason}")
            case Throttled():
                self.screen.say("too many requests (429): wait a minute")

    def _linked(self) -> Linked:
        whatsapp = self.messenger == _WHATSAPP
        told = self.api.read(
            GET_WA_SETTINGS if whatsapp else GET_ACCOUNT_SETTINGS, self._call, tries=2
        )
        return Linked(None if isinstance(told, Unreadable) else told.phone)
