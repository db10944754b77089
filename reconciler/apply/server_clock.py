"""The partner API's clock, the one that all machines share."""

from datetime import UTC, datetime, timedelta

from reconciler.apply.ports import Clock, stamp
from reconciler.model import Account, Moment


class ServerClock:
    """The partner API's clock, as far as it was heard; in between it runs on by our own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: tuple[datetime, float] | None = None  # replaced as a whole: no lock is needed

    def hear(self, account: Account) -> None:
        """Set it by what a listing said."""
        if account.date is not None:
            self._heard = datetime.fromisoformat(account.date), self._clock.uptime()

    def moment(self) -> Moment:
        """Return the time by every clock."""
        if self._heard is None:
            return self._clock.moment()
        date, at = self._heard
        now = date + timedelta(seconds=self._clock.uptime() - at)
        return self._clock.moment(stamp(now.astimezone(UTC)))
