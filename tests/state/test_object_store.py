"""The bucket as the program sees it, at each vendor's protocol: conditions are honoured.

S3 is moto's server and Azure is Azurite, its vendor's emulator (both by night; `test_s3.py` has the
command itself on moto). For gs:// there is a small server of ours, and S3's protocol by it, too.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from reconciler.errors import StateError
from reconciler.state.bucket import ConditionFailed, ObjectBucket
from reconciler.state.conditions import check_conditions
from reconciler.state.objects import ObjectBackend
from reconciler.state.store import Store
from tests.nightly import only_by_night
from tests.object_stores import Service, azurite, own, s3
from tests.state.parts import NOW, TAKEN_OVER, intent, no_rescue, no_warning, record, recorded

STORES: dict[str, tuple[Callable[[], AbstractContextManager[Service]], bool]] = {
    "gs, our own server": (lambda: own("gs"), False),
    "s3, our own server": (lambda: own("s3"), False),
    "s3, moto": (s3, True),
    "az, azurite": (azurite, True),
}


@pytest.fixture(scope="module", params=STORES.values(), ids=list(STORES))
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    serve, late = request.param
    if late:
        only_by_night()
    with serve() as service:
        yield service


@pytest.fixture(scope="module")
def bucket(service: Service) -> ObjectBucket:
    found: ObjectBucket = service.connect()
    return found


def test_what_was_put_is_what_is_got(bucket: ObjectBucket) -> None:
    version = bucket.create("a/got", b"text", {"put": "1", "writer": "pid 1 on host"})

    found = bucket.get("a/got")

    assert found is not None
    assert (found.data, found.version) == (b"text", version)
    assert (found.marks["put"], found.marks["writer"]) == ("1", "pid 1 on host")
    assert bucket.version("a/got") == version
    assert bucket.get("a/none") is None
    assert bucket.version("a/none") is None


def test_a_put_where_something_is_fails(bucket: ObjectBucket) -> None:
    bucket.create("a/there", b"first", {})

    with pytest.raises(ConditionFailed):
        bucket.create("a/there", b"second", {})


def test_a_version_is_replaced_once(bucket: ObjectBucket) -> None:
    first = bucket.create("a/once", b"first", {})

    second = bucket.replace("a/once", b"second", {}, first)

    assert second != first
    with pytest.raises(ConditionFailed):
        bucket.replace("a/once", b"third", {}, first)
    bucket.delete(["a/once"])
    with pytest.raises(ConditionFailed):
        bucket.replace("a/once", b"fourth", {}, second)


def test_names_are_those_in_the_folder(bucket: ObjectBucket) -> None:
    for name in ("n.journal/1", "n.journal/2", "n.journalist", "n"):
        bucket.create(name, b"", {})

    before = list(bucket.names("n.journal"))
    bucket.delete(["n.journal/1", "n.journal/3"])

    assert before == ["n.journal/1", "n.journal/2"]
    assert list(bucket.names("n.journal")) == ["n.journal/2"]


def test_the_store_is_found_to_honour_conditions_and_keeps_no_trace(bucket: ObjectBucket) -> None:
    check_conditions(bucket, "probed/it")

    assert list(bucket.names("probed")) == []


def test_a_state_is_kept(bucket: ObjectBucket) -> None:
    def hold() -> Store:
        return Store.hold(
            ObjectBackend(bucket, "kept/state.json"),
            now=lambda: NOW,
            moment=lambda: TAKEN_OVER,
            new_lineage=lambda: "0b6c1f2e",
            lock_timeout=0,
            rescue=no_rescue,
            warn=no_warning,
        )

    with hold() as store:
        store.record(intent(1))
        store.record(record(1))
    with hold() as store:
        found = store.state()

    assert found.instances == {"key-1": recorded(1)}
    assert list(bucket.names("kept")) == ["kept/state.json"]


def test_what_is_to_be_removed_goes_though_something_of_it_went_before(
    bucket: ObjectBucket,
) -> None:
    names = [f"r.journal/{number}" for number in range(10, 40)]
    for name in names[1:]:
        bucket.create(name, b"", {})

    bucket.delete(names)

    assert list(bucket.names("r.journal")) == []


def test_a_bucket_that_is_not_there_is_no_empty_one(service: Service) -> None:
    nowhere = service.connect("nobody-made-it")

    with pytest.raises(StateError, match="no such bucket"):
        nowhere.get("x")
    with pytest.raises(StateError, match="no such bucket"):
        nowhere.names("x")
    with pytest.raises(StateError, match="no such bucket"):
        nowhere.create("x", b"", {})
