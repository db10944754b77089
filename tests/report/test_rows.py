import pytest

from reconciler.model import (
    Created,
    NotSent,
    Outcome,
    Rejected,
    Unknown,
)
from reconciler.report.outcomes import reason
from reconciler.report.rows import owners_in
from reconciler.secrets import Secret
from tests.report import samples as world


@pytest.mark.parametrize(
    ("fate", "words"),
    [
        (Created(1, Secret(world.TOKEN)), ""),
        (Rejected(400, "bad"), "code 400: bad"),
        (Rejected(None, "bad"), "bad"),
        (Rejected(400, "400 Bad Request"), "400 Bad Request"),
        (NotSent("no\nway"), "no\\x0away"),
        (Unknown("lost", world.SINCE), "lost"),
    ],
)
def test_a_fate_has_a_reason_in_words(fate: Outcome, words: str) -> None:
    assert reason(fate) == words


def test_a_plan_tells_who_records_which_id() -> None:
    assert owners_in(world.mixed_plan()) == {
        1101728002: "sales-fr",
        1101728003: "sales-it",
        1101728004: "old-desk",
        1101728005: "sales-es",
        1101728008: "sales-at",
    }
