"""The parser's complaints are told in our words."""

import pytest

from reconciler.manifest.reader import read
from reconciler.manifest.source import Source

BROKEN = {
    "a:\n\tb: c\n": "a tab indents this line",
    "a: 'b\n": "a quote is opened",
    'a: "b\n': "a quote is opened",
    "a: [b\n": "a bracket is opened",
    "a: {b\n": "a bracket is opened",
    "a: b: c\n": "a colon makes this a key",
    "a: b\n c: d\n": "a colon makes this a key",
    "a:\n  b: c\n d: e\n": "the indentation does not fit",
    "a: b\n- c\n": "a list item can't stand among the keys",
    "a: `b`\n": "a plain text can't begin",
    "a: @b\n": "a plain text can't begin",
    'a: "\\q"\n': "this escape is not known",
    "a: *\n": "& and * begin",
    "a: !x!y z\n": "the tag is not known",
    "a: b\nc\nd: e\n": "this line is no key",
    'a: "b" c\n': "text stands after the closing quote",
}


@pytest.mark.parametrize(("text", "words"), BROKEN.items(), ids=BROKEN.values())
def test_a_complaint_is_told_in_our_words(text: str, words: str) -> None:
    [problem] = read(Source("a.yaml", text)).problems

    assert words in problem.message


@pytest.mark.parametrize(
    "text", ["a: b\n...\nc: d\n", "%FOO\n", "a: |x\n  b\n", "a: >99\n", "- ]\n"]
)
def test_any_other_complaint_is_passed_on(text: str) -> None:
    [problem] = read(Source("a.yaml", text)).problems

    assert problem.rule in ("syntax", "documents")
    assert problem.message
