"""Problems of one file are gathered by place."""

from reconciler.manifest.findings import Findings
from reconciler.manifest.reader import read
from reconciler.manifest.source import Source

TEXT = "a: 010\nb: &x 0x10\nc: *x\n"


def findings() -> Findings:
    return Findings(read(Source("a.yaml", TEXT)))


def test_what_breaks_several_entries_is_one_problem_that_names_them() -> None:
    found = findings()

    for entry in ("one", "two", "one"):
        found.say(3, "a", "rule", "message", entry=entry)

    assert [problem.entries for problem in found.problems()] == [("one", "two")]


def test_an_entrys_own_problem_names_no_entry() -> None:
    found = findings()

    found.say(3, "a", "rule", "message", entry="one")

    assert [problem.entries for problem in found.problems()] == [()]


def test_a_shared_value_names_even_a_single_entry() -> None:
    found = findings()

    found.say(3, "a", "rule", "message", entry="one", shared=True)

    assert [problem.entries for problem in found.problems()] == [("one",)]


def test_a_number_is_shown_as_it_was_typed() -> None:
    assert findings().typed(3, 10) == "010"


def test_what_stands_elsewhere_is_not_taken_for_what_was_typed() -> None:
    assert findings().typed(TEXT.index("*x"), 16) is None
    assert findings().typed(0, "a") is None
