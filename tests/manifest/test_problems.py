"""Problems come sorted, each once."""

from reconciler.manifest.problems import Problem, Severity, in_order
from reconciler.model import Place


def problem(path: str, line: int, column: int, message: str = "m") -> Problem:
    return Problem(Place(path, line, column), Severity.ERROR, "s", message, None, "r")


def test_problems_are_sorted_by_file_line_and_column() -> None:
    rows = [("b", 1, 1), ("a", 10, 1), ("a", 9, 2), ("a", 9, 1)]

    found = in_order(problem(*row) for row in rows)

    assert [str(item.place) for item in found] == ["a:9:1", "a:9:2", "a:10:1", "b:1:1"]


def test_what_is_told_twice_is_told_once() -> None:
    assert len(in_order([problem("a", 1, 1), problem("a", 1, 1), problem("a", 1, 1, "n")])) == 2
