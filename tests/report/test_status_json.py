import pytest

from reconciler.report.status import Status, status_of
from reconciler.report.status_json import status_json
from reconciler.state.model import State
from tests.report import samples as world
from tests.report.schemas import checked


@pytest.mark.parametrize(
    "status",
    [
        status_of(world.sealed_state(), world.SEALED_ACCOUNT),
        status_of(world.sealed_state()),
        status_of(State("")),
    ],
    ids=["refreshed", "offline", "empty"],
)
def test_a_status_is_what_its_schema_describes(status: Status) -> None:
    document = checked(status_json(status), "status")

    assert [row["key"] for row in document["instances"]] == [row.key for row in status.rows]
    assert document["counts"]["recorded"] == len(status.rows)
