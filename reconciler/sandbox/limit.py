"""A rate limit, as a value: a bucket that fills with the clock."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Bucket:
    """Allows *rate* requests a second, and after a pause a second's worth of them at once."""

    rate: float
    tokens: float
    at: float

    @classmethod
    def full(cls, rate: float, *, at: float) -> "Bucket":
        return cls(rate, max(1.0, rate), at)

    def take(self, *, at: float) -> tuple[bool, "Bucket"]:
        """Tell whether a request at the time *at* is allowed, and what is left afterwards."""
        level = min(max(1.0, self.rate), self.tokens + (at - self.at) * self.rate)
        if level < 1.0:
            return False, replace(self, tokens=level, at=at)
        return True, replace(self, tokens=level - 1.0, at=at)
