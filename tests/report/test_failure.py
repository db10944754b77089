import pytest

from reconciler.report.failure import Failure, failure_text


@pytest.mark.parametrize("code", [2, 3, 5, 7, 9, 10])
def test_who_ends_before_the_first_create_bought_nothing(code: int) -> None:
    text = failure_text(Failure(code, "why", 1))

    assert text == f"0 instances created: the run failed (exit code {code})\nwhy\n"


@pytest.mark.parametrize("code", [1, 8, 130, 143])
def test_who_may_end_later_claims_nothing(code: int) -> None:
    assert failure_text(Failure(code, "why", 1)).startswith(
        f"the run failed (exit code {code}); what it created is in the state"
    )


def test_each_line_of_the_message_is_made_printable() -> None:
    assert failure_text(Failure(3, "a\x1b[2J\nb", 1)).splitlines()[1:] == ["a\\x1b[2J", "b"]
