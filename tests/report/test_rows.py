from typing import Final

import pytest

from reconciler.differences import Difference
from reconciler.model import (
    Created,
    NotSent,
    Outcome,
    Rejected,
    SettingsUpdate,
    Unconfirmed,
    Unknown,
    Updated,
)
from reconciler.plan import Action, Drifted, Update
from reconciler.report.outcomes import reason, result_rows
from reconciler.report.rows import owners_in, plan_rows
from reconciler.results import Result
from reconciler.secrets import MASK, Secret
from tests.report import samples as world
from tests.values import desired, recorded


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


WAS: Final = SettingsUpdate({}, "2026-11-22T10:06:00Z", "authorized")
FOUND: Final = (
    Difference("stateWebhook", "no", "yes", secret=False),
    Difference("webhookUrlToken", MASK, MASK, secret=True),
)


@pytest.mark.parametrize(
    ("action", "word", "note"),
    [
        (Drifted(desired("a"), recorded(7, "a"), FOUND), "drifted", "7"),
        (Update(desired("a"), recorded(7, "a"), FOUND), "update", "7"),
        (
            Update(desired("a"), recorded(7, "a")._replace(update=WAS), FOUND),
            "update",
            "7  announced 2026-11-22T10:06:00Z: it is looked at first",
        ),
    ],
)
def test_settings_that_differ_are_told_without_a_secret(
    action: Action, word: str, note: str
) -> None:
    (row,) = plan_rows([action])

    assert (row.kind.word, row.note) == (word, note)
    assert [" ".join((each.text, *each.values)) for each in row.details] == [
        '~ stateWebhook: "no" "yes"',
        "~ webhookUrlToken: (secret) differs",
    ]
    assert row.facts["differences"] == [
        {"parameter": "stateWebhook", "recorded": "no", "wanted": "yes"},
        {
            "parameter": "webhookUrlToken",
            "recorded": {"secret": True},
            "wanted": {"secret": True},
        },
    ]


@pytest.mark.parametrize(
    ("outcome", "word", "failed", "remedy"),
    [
        (Updated(7, ("stateWebhook",)), "updated", False, ""),
        (
            Unconfirmed("late"),
            "not_confirmed",
            True,
            "the next run looks again before it sends anything",
        ),
        (Rejected(400, "bad"), "rejected", True, "nothing was set: correct the entry"),
        (NotSent("why"), "not_sent", True, "nothing was set: the next run tries it again"),
    ],
)
def test_what_became_of_an_update_is_said_of_settings(
    outcome: Outcome, word: str, failed: bool, remedy: str
) -> None:
    (row,) = result_rows([Result("a", "a", outcome, "update")])

    assert (row.kind.word, row.failed, row.remedy) == (word, failed, remedy)
