import shlex

from reconciler.report.remedies import candidate, command
from tests.report import samples as world


def test_a_command_can_be_pasted_into_a_shell() -> None:
    line = command("resolve", "a b", "--id", "1", options=["-s", "it's.json"])

    assert shlex.split(line) == ["reconciler", "resolve", "a b", "--id", "1", "-s", "it's.json"]


def test_a_candidate_of_the_expected_name_shows_id_and_time() -> None:
    assert candidate(world.row(7, "a"), "a") == "7  created 2026-11-22T10:06:00"


def test_a_candidate_of_another_name_shows_it() -> None:
    assert candidate(world.row(7, "b"), "a").endswith('named "b"')
