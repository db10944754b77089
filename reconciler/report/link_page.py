"""The page on which a person links phones: what it shows, event by event. Pure but for its file.

The page itself, `link.html`, never changes and holds nothing: all it shows comes as `view_json`.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, assert_never

from reconciler.secrets import Secret


@dataclass(frozen=True, slots=True)
class PhoneTurn:
    """One instance's turn in the row: *standing* says in words what has become of it."""

    key: str
    id_instance: int
    messenger: str | None
    standing: str = ""


# --- what happens ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TurnProposed:
    """It would be the turn of *key*, and the person is asked for it."""

    key: str


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """It is the turn of *key*."""

    key: str


@dataclass(frozen=True, slots=True)
class QrShown:
    """A QR code, a PNG in base64, took the place of whatever was shown."""

    picture: str


@dataclass(frozen=True, slots=True)
class CodeShown:
    """A code that is typed on the phone took that place."""

    code: Secret


@dataclass(frozen=True, slots=True)
class Told:
    """There is nothing to scan or to type: *text* says why."""

    text: str


@dataclass(frozen=True, slots=True)
class PasswordAsked:
    """The password of the messenger's account is wanted; what was told before it still holds."""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """It ended for *key*; *text* says how."""

    key: str
    linked: bool
    text: str


@dataclass(frozen=True, slots=True)
class PageClosed:
    """Nothing comes any more; *reason* says why, where it is not simply done."""

    reason: str = ""


Shown = TurnProposed | QrShown | CodeShown | Told | PasswordAsked | TurnEnded
LinkEvent = Shown | TurnBegan | PageClosed


@dataclass(frozen=True, slots=True)
class LinkView:
    """What every open tab shows: the *turns*, the one *at* which it is, what is *shown* of that,
    and a *notice* in words. *over*: it stays so."""

    turns: tuple[PhoneTurn, ...]
    at: int = 0
    shown: Shown = Told("")
    notice: str = ""
    over: bool = False

    @property
    def turn(self) -> PhoneTurn:
        return self.turns[self.at]

    def after(self, event: LinkEvent) -> "LinkView":
        """Return the view once *event* has happened."""
        match event:
            case TurnProposed(key):
                view = replace(self, at=self._place(key), shown=event)
            case TurnBegan(key):
                text = "One moment: a code is being fetched."
                view = replace(self, at=self._place(key), shown=Told(""), notice=text)
            case QrShown():
                text = "Scan the code. A new one comes by itself."
                view = replace(self, shown=event, notice=text)
            case CodeShown():
                view = replace(self, shown=event, notice="Type the code on the phone.")
            case Told(text):
                view = replace(self, shown=event, notice=_sentence(text))
            case PasswordAsked():
                before = _sentence(self.shown.text) + " " if isinstance(self.shown, Told) else ""
                text = f"{before}The messenger asks for the password of its account."
                view = replace(self, shown=event, notice=text.lstrip())
            case TurnEnded(key, _, text):
                at = self._place(key)
                ended = replace(self.turns[at], standing=text)
                turns = (*self.turns[:at], ended, *self.turns[at + 1 :])
                notice = f"{key} ({ended.id_instance}): {text}."
                view = replace(self, turns=turns, at=at, shown=event, notice=notice)
            case PageClosed(reason):
                last = self.shown if isinstance(self.shown, TurnEnded) else Told("")
                text = f"{_sentence(reason) or self.notice} You can close this page."
                view = replace(self, shown=last, notice=text, over=True)
            case _:
                assert_never(event)
        return view

    def _place(self, key: str) -> int:
        return next(place for place, turn in enumerate(self.turns) if turn.key == key)


# --- how it is told to a browser ---------------------------------------------------------------


def page_html(nonce: str) -> str:
    """Return the page, whose script and style bear *nonce*."""
    text = Path(__file__).with_name("link.html").read_text(encoding="utf-8")
    return text.replace("NONCE", nonce)


def view_json(view: LinkView) -> str:
    """Return *view* on one line, for the script of the page. A code is in it, a token never."""
    turn, shown = view.turn, view.shown
    several = len(view.turns) > 1
    place = f"{view.at + 1} of {len(view.turns)}, instance" if several else "Instance"
    return json.dumps(
        {
            "title": _title(view),
            "place": f"{place} {turn.id_instance}",
            "notice": view.notice,
            "steps": [] if view.over else _steps(view),
            "picture": shown.picture if isinstance(shown, QrShown) else None,
            "code": shown.code.reveal() if isinstance(shown, CodeShown) else None,
            "password": isinstance(shown, PasswordAsked),
            "next": shown.key if isinstance(shown, TurnProposed) else None,
            "key": turn.key,
            "turns": [_in_the_row(view, at) for at in range(len(view.turns))] if several else [],
            "over": view.over,
        }
    )


def _title(view: LinkView) -> str:
    key = view.turn.key
    match view.shown:
        case TurnEnded(linked=linked):
            return f"{key} is linked" if linked else f"{key} is not linked"
        case TurnProposed():
            return f"Next: {key}"
        case _:
            return f"{key} is not linked" if view.over else f"Link a phone to {key}"


_QR_STEPS: Final = {
    "whatsapp": (
        "Open WhatsApp on the phone.",
        "Android: tap the three dots at the top. iPhone: tap Settings.",
        "Tap Linked devices, then Link a device.",
        "Point the camera at the code.",
    ),
    "telegram": (
        "Open Telegram on the phone.",
        "Tap Settings, then Devices.",
        "Tap Link Desktop Device, and point the camera at the code.",
    ),
}
_ANY_MESSENGER: Final = (
    "Open the messenger on the phone.",
    "In its settings, look for devices, or for signing in by a QR code.",
    "Point the camera at the code.",
)
_CODE_STEPS: Final = (
    *_QR_STEPS["whatsapp"][:3],
    "Tap Link with phone number instead.",
    "Type the code.",
)


def _steps(view: LinkView) -> tuple[str, ...]:
    """Return what is to be tapped on the phone."""
    match view.shown:
        case QrShown():
            return _QR_STEPS.get(view.turn.messenger or "", _ANY_MESSENGER)
        case CodeShown():
            return _CODE_STEPS
        case _:
            return ()


def _in_the_row(view: LinkView, at: int) -> dict[str, str | bool]:
    turn = view.turns[at]
    here = at == view.at and not view.over
    return {
        "text": f"{turn.key} ({turn.id_instance}): {turn.standing or 'waits for a phone'}",
        "here": here,
    }


def _sentence(text: str) -> str:
    """Return *text*, which begins in lower case as messages do, as it stands on a page."""
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "?", "!", "…")) else ".")
