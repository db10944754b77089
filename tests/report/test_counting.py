import pytest

from reconciler.report.counting import counted, lasted, plan_headline, run_headline
from tests.report import samples as world


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (10, "10 s"),
        (59.6, "1 min 00 s"),
        (83.4, "1 min 23 s"),
        (3600, "1 h 00 min"),
        (90061, "25 h 01 min"),
    ],
)
def test_a_length_of_time_is_said_as_people_do(seconds: float, words: str) -> None:
    assert lasted(seconds) == words


@pytest.mark.parametrize(("number", "words"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries")])
def test_one_is_singular(number: int, words: str) -> None:
    assert counted(number, "entry", "entries") == words


@pytest.mark.parametrize(
    ("number", "start"),
    [
        (0, "0 new billed instances: nothing to create, "),
        (1, "1 new billed instance to create, "),
        (2, "2 new billed instances to create, "),
    ],
)
def test_a_plan_begins_with_what_will_be_billed(number: int, start: str) -> None:
    assert plan_headline(world.big_plan(number)).startswith(start)


def test_a_run_with_nothing_to_do_says_so() -> None:
    assert run_headline(world.quiet_report()) == "0 instances created: nothing to create"
