"""Help made fit for click as `inspect` makes it."""

import inspect

from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.cli.helptext import cleaned


@given(st.text("ab \t\n\r\v\u00a0", max_size=12) | st.text(max_size=12))
@example("a\tb")
@example(" a ")
@example("a\n  b\n   c\n")
def test_help_is_cleaned_as_the_standard_library_does(text: str) -> None:
    assert cleaned(text) == inspect.cleandoc(text)
