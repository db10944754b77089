from reconciler.plan import Create
from reconciler.report.kinds import ACTIONS
from reconciler.report.page import Page

CREATE = ACTIONS[Create]


def test_a_width_of_zero_folds_nothing() -> None:
    assert Page(color=False, width=0).prose("word " * 100) == ["word " * 100]


def test_a_word_that_is_longer_than_the_line_stays_whole() -> None:
    url = "https://" + "x" * 100

    assert Page(color=False, width=40).prose(f"see {url} there") == ["see", url, "there"]


def test_a_note_that_fits_stands_beside_its_entry() -> None:
    assert Page(color=False, width=80).item(CREATE, "a", "b") == ["  + create      a  b"]


def test_a_note_that_does_not_fit_stands_below_its_entry() -> None:
    lines = Page(color=False, width=40).item(CREATE, "sales-uk", "a note of a few words")

    assert lines == ["  + create      sales-uk", "      a note of a few words"]


def test_a_color_never_comes_without_its_word() -> None:
    assert Page(color=True, width=0).item(CREATE, "a") == ["  \x1b[32m+ create    \x1b[0m  a"]


def test_a_folded_text_begins_no_line_with_a_workflow_command() -> None:
    lines = Page(color=False, width=20).prose("the server said ::error::gotcha and more")

    assert lines == ["the server said", "\\::error::gotcha and", "more"]
