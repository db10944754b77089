"""The rate limit."""

import pytest

from reconciler.sandbox.limit import Bucket


@pytest.mark.parametrize(
    ("rate", "times", "allowed"),
    [
        (2.0, [0, 0, 0, 0.5, 0.5, 1.0], "XX.X.X"),
        (0.5, [0, 1, 2, 3, 4], "X.X.X"),
        (1.0, [0, 100, 100], "XX."),
    ],
    ids=["burst", "slow", "a long pause saves up one second only"],
)
def test_a_bucket_allows_its_rate(rate: float, times: list[float], allowed: str) -> None:
    bucket, said = Bucket.full(rate, at=times[0]), ""

    for at in times:
        allows, bucket = bucket.take(at=at)
        said += "X" if allows else "."

    assert said == allowed
