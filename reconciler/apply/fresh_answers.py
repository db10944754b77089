"""Holds what createInstance answers against what was known before it was sent."""

from threading import Event
from typing import TypeVar

from reconciler.apply.ports import PartnerApi
from reconciler.model import Account, Created, NotSent, Unknown
from reconciler.partner.answer import Unreadable
from reconciler.partner.methods import Method

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class FreshAnswers:
    """The API, whose word that an instance was made counts once for each id.

    An answer that a middlebox kept, or that was meant for another create, names an instance that
    is *known*: what became of this create is not known then, and recording it would give one
    instance to two entries.
    """

    def __init__(self, api: PartnerApi, known: frozenset[int]) -> None:
        self._api = api
        self._known: dict[int, Created | None] = dict.fromkeys(known)

    @property
    def url(self) -> str:
        return self._api.url

    def send(self, method: Method[Asked, Told], asked: Asked) -> Told | NotSent | Unknown:
        told = self._api.send(method, asked)
        if not isinstance(told, Created):
            return told
        first = self._known.setdefault(told.id_instance, told)  # in one step: of two workers that
        if first is not told:  # are told the same id at the same time, one is the first
            return Unknown(
                f"the answer names {told.id_instance}, an instance that was there before"
            )
        return told

    def read(
        self,
        method: Method[Asked, Told],
        asked: Asked,
        *,
        tries: int = 1,
        stopping: Event | None = None,
    ) -> Told | Unreadable:
        return self._api.read(method, asked, tries=tries, stopping=stopping)

    def account(self, *, tries: int = 5, stopping: Event | None = None) -> Account:
        return self._api.account(tries=tries, stopping=stopping)
