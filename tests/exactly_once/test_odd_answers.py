"""Whatever the API answers, through the real command: what the run says, and what was billed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.command import Completed, Project, project
from tests.exactly_once.processes import assert_nothing_to_do, assert_record_is_bill, manifest
from tests.sandbox.server import Sandbox

Rule = Mapping[str, Any]


@dataclass(frozen=True)
class Odd:
    """What a rule does to one create, and what the run then says of it."""

    outcome: str
    rule: Rule


def _lost(word: str, **more: Any) -> dict[str, Odd]:
    """An answer that tells nothing: before the instance was made, and after."""
    name = word + "".join(f"-{value}" for value in more.values())
    rule = {"do": word, **more}
    return {
        f"{name}-before": Odd("unresolved", {**rule, "when": "before"}),
        f"{name}-after": Odd("recovered", {**rule, "when": "after"}),
    }


ODD: Final[dict[str, Odd]] = {
    **_lost("close"),
    **_lost("reset"),
    **_lost("hang"),
    **_lost("status", status=408),
    **_lost("status", status=409),
    **_lost("status", status=499),
    **_lost("status", status=500),
    **_lost("status", status=502),
    **_lost("status", status=503),
    **_lost("status", status=504),
    **_lost("code", code=200),
    **_lost("code", code=502),
    **_lost("garbage"),
    **_lost("null"),
    **_lost("empty"),
    **_lost("nested"),
    **_lost("redirect"),
    "redirect-to-elsewhere": Odd(
        "recovered", {"do": "redirect", "location": "http://127.0.0.1:9/", "status": 301}
    ),
    "cut": Odd("recovered", {"do": "cut"}),
    "huge": Odd("recovered", {"do": "huge"}),
    "lost-and-listed-late": Odd("recovered", {"do": "close", "lag": 2}),
    "no-token": Odd("created", {"do": "no-token"}),
    "string-id": Odd("created", {"do": "string-id"}),
    "extra-fields": Odd("created", {"do": "extra-fields"}),
    "throttled-once": Odd("created", {"do": "status", "status": 429}),
    "throttled-three-times": Odd("created", {"do": "status", "status": 429, "times": 3}),
    "throttled-by-code": Odd("created", {"do": "code", "code": 429}),
    "throttled-after-it-was-made": Odd(
        "recovered", {"do": "status", "status": 429, "when": "after"}
    ),
    "retry-after-a-second": Odd("created", {"do": "status", "status": 429, "retryAfter": 1}),
    "retry-after-a-date": Odd("created", {"do": "status", "status": 429, "retryAfterDate": 1}),
    "bad-request": Odd("rejected", {"do": "status", "status": 400}),
    "not-found-as-200": Odd("rejected", {"do": "code", "code": 404}),
    "no-free-instances": Odd("rejected", {"do": "status", "status": 400, "body": '{"code":100}'}),
}


@dataclass(frozen=True)
class Story:
    """Two runs: *first* under all odd answers at once, *second* when they are over."""

    place: Project
    sandbox: Sandbox
    first: Completed
    billed: dict[str, int]
    second: Completed

    def outcomes(self, run: Completed) -> dict[str, str]:
        return {result["key"]: result["outcome"] for result in run.json["results"]}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, _shared_sandbox: Sandbox) -> Story:
    sandbox = _shared_sandbox
    sandbox.reset()
    sandbox.faults(*({"on": "create", "name": key, **odd.rule} for key, odd in ODD.items()))
    place = project(tmp_path_factory.mktemp("odd"), manifest(ODD), env=sandbox.env)
    apply = ("apply", "--yes", "--rate", "0", "-o", "json")
    first = place.run(*apply, "--concurrency", "32", "--timeout", "1", "--settle", "3")
    billed = sandbox.bill()["creates"]
    second = place.run(*apply, "--settle", "1", "--settled-after", "0")
    told = Story(place, sandbox, first, billed, second)
    assert_record_is_bill(place, sandbox, ODD)
    assert_nothing_to_do(place, sandbox)
    return told


@pytest.mark.parametrize("key", ODD)
def test_an_odd_answer(story: Story, key: str) -> None:
    made = ODD[key].outcome in ("created", "recovered")
    then = {} if made else {key: "created"}

    assert story.outcomes(story.first)[key] == ODD[key].outcome
    assert story.billed.get(key, 0) == made
    assert {k: o for k, o in story.outcomes(story.second).items() if k == key} == then


def test_odd_answers_end_with_6_and_the_next_run_with_0(story: Story) -> None:
    assert (story.first.code, story.second.code) == (6, 0)
    assert "Traceback" not in story.first.err
