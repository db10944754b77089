"""Holds what createInstance answers against what was known before it was sent."""

from threading import Event, Lock

from reconciler.apply.ports import PartnerApi
from reconciler.model import Account, Attempt, Created, Desired, Unknown


class FreshAnswers:
    """The partner API, whose word that an instance was made counts once for each id.

    An answer that a middlebox kept, or that was meant for another create, names an instance that
    is *known*: what became of this create is not known then, and recording it would give one
    instance to two entries.
    """

    def __init__(self, api: PartnerApi, known: frozenset[int]) -> None:
        self._api = api
        self._known = set(known)
        self._lock = Lock()  # two workers may be told the same id at the same time

    @property
    def url(self) -> str:
        return self._api.url

    def create(self, desired: Desired) -> Attempt:
        attempt = self._api.create(desired)
        if not isinstance(attempt, Created):
            return attempt
        with self._lock:
            if attempt.id_instance in self._known:
                return Unknown(
                    f"the answer names {attempt.id_instance}, an instance that was there before"
                )
            self._known.add(attempt.id_instance)
        return attempt

    def account(self, *, tries: int = 5, stopping: Event | None = None) -> Account:
        return self._api.account(tries=tries, stopping=stopping)
