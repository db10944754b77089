"""Runners that share nothing but a bucket, killed at random: the bill is what is recorded."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Final

import pytest

from tests.command import Project, project
from tests.exactly_once.processes import dice, manifest, numbered
from tests.nightly import NIGHTLY
from tests.object_stores import Service, azurite, own, s3
from tests.sandbox.server import Sandbox
from tests.warm import Piped

ENTRIES: Final = 500
APPLY: Final = ("apply", "--yes", "--concurrency", "16", "--rate", "0", "--max-creates", "1000")
FINISH: Final = ("--settle", "5")
STORES: Final = {"moto": s3, "azurite": azurite, "gs, our own server": lambda: own("gs")}


@NIGHTLY
@pytest.mark.parametrize("serve", STORES.values(), ids=STORES)
def test_two_runners_that_are_killed_at_random_buy_everything_once(
    tmp_path: Path, sandbox: Sandbox, serve: Callable[[], AbstractContextManager[Service]]
) -> None:
    keys, chance = numbered(ENTRIES), dice()
    sandbox.faults({"on": "create", "seconds": 0.02, "times": "always"})
    with serve() as store:
        env = {**sandbox.env, **store.env, "RECONCILER_STATE": store.url("prod/state.json")}
        places = [project(tmp_path / name, manifest(keys), env=env) for name in ("one", "two")]
        codes = set()
        for _ in range(20):
            with places[0].start(*APPLY, "--settle", "0", "--log-format", "json") as first:
                _read(first, chance.randrange(1, 60))
                store.connect().delete(["prod/state.json.lock"])  # as twenty seconds would
                with places[1].start(*APPLY, "--settle", "0", "--log-format", "json") as second:
                    _read(second, chance.randrange(1, 60))
                    (first, second)[chance.randrange(2)].kill()
                    _read(first, chance.randrange(1, 60))
                    first.kill()
                    second.kill()
            codes |= {first.returncode, second.returncode}
            store.connect().delete(["prod/state.json.lock"])

        finished = places[0].run(*APPLY, *FINISH)

        assert finished.code in (0, 6), finished
        assert -signal.SIGKILL in codes
        _assert_record_is_bill(places[1], sandbox, keys)


def _assert_record_is_bill(place: Project, sandbox: Sandbox, keys: list[str]) -> None:
    """What was bought is recorded, once; what was not is announced, and stays so for an hour: who
    knows whether the run that announced it is dead."""
    bill = sandbox.bill()["creates"]
    status = place.run("status", "-o", "json").json
    made = {row["idInstance"]: row["apiTokenInstance"] for row in sandbox.instances()}
    rows = place.run("export").json["instances"].values()

    assert set(bill.values()) == {1}
    assert {row["idInstance"]: row["apiTokenInstance"] for row in rows} == made
    assert {each["key"] for each in status["unresolved"]} == set(keys) - set(bill)


def _read(run: Piped, lines: int) -> None:
    """Read so many lines of what *run* says, or all there are."""
    said: Iterator[str] = iter(run.stderr.readline, "")
    for _ in islice(said, lines):
        pass
