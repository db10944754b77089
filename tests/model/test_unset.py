"""A wanted value that is not known on this machine: planned with, never compared or revealed."""

import pytest

from reconciler.model import Desired, Digest, Origin, Place, Recorded, Scalar
from reconciler.plan import Changed, Create, Keep, NotCompared, checksum, diff
from reconciler.secrets import Secret, Unset
from reconciler.state.model import State

UNSET = Unset("WEBHOOK_TOKEN is not set")
HELD = {"webhookUrlToken": Digest("hmac-sha256:" + "0" * 64)}


def entry(**more: Scalar | Secret) -> Desired:
    return Desired("sales", "sales", {"webhookUrlToken": UNSET, **more}, Place("i.yaml", 1, 1))


def state(**parameters: Scalar | Digest) -> State:
    row = Recorded(
        1101,
        Secret("token-1101"),
        "whatsapp",
        "sales",
        parameters,
        "2026-01-01T00:00:00Z",
        Origin.CREATED,
    )
    return State(lineage="line", instances={"sales": row})


def test_an_unset_value_is_no_difference_where_one_is_recorded_and_is_told() -> None:
    plan = diff([entry()], state(**HELD))

    assert [type(action) for action in plan.actions] == [Keep]
    assert plan.not_compared == (
        NotCompared("sales", "webhookUrlToken", "WEBHOOK_TOKEN is not set"),
    )


def test_an_unset_value_is_a_difference_where_none_is_recorded() -> None:
    plan = diff([entry()], state())

    (changed,) = plan.of(Changed)
    assert [each.parameter for each in changed.differences] == ["webhookUrlToken"]
    assert plan.not_compared == ()


def test_other_differences_of_the_entry_are_still_found() -> None:
    plan = diff([entry(incomingWebhook="yes")], state(**HELD))

    (changed,) = plan.of(Changed)
    assert [each.parameter for each in changed.differences] == ["incomingWebhook"]


def test_a_create_with_an_unset_value_stays_a_create() -> None:
    plan = diff([entry()], State(lineage=""))

    assert [type(action) for action in plan.actions] == [Create]
    assert plan.not_compared == ()


def test_no_checksum_binds_to_an_unset_value() -> None:
    with pytest.raises(TypeError, match="unset"):
        checksum([entry()], state(**HELD), "https://api.green-api.com")
