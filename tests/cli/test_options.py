"""Options that several commands share."""

from pathlib import Path

import pytest

from tests.command import project


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--timeout", "nan"),
        ("--timeout", "inf"),
        ("--timeout", "0"),
        ("--rate", "nan"),
        ("--settle", "nan"),
        ("--settled-after", "nan"),
        ("--lock-timeout", "nan"),
        ("--settle", "-1"),
    ],
)
def test_a_number_of_seconds_that_no_timer_takes_is_refused(
    tmp_path: Path, option: str, value: str
) -> None:
    done = project(tmp_path).run("apply", "--yes", option, value)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: invalid value for ")


def test_a_create_may_stay_unresolved_for_ever(tmp_path: Path) -> None:
    done = project(tmp_path).run("apply", "--yes", "--settled-after", "inf")

    assert done.code == 2
    assert "there is no partner token" in done.err
