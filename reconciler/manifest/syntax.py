"""The parser's complaints in words that tell what to type instead."""

import re
from typing import Final

from yaml.error import MarkedYAMLError, YAMLError

from reconciler.manifest.problems import Problem, Severity
from reconciler.manifest.source import Source

# What the parser says (libyaml's and PyYAML's wording) → what we say, and what helps.
_WORDING: Final[tuple[tuple[str, str, str | None], ...]] = (
    (r"found character '\\?t' that cannot start", "a tab indents this line", "use spaces"),
    (r"found a tab character", "a tab indents this line", "use spaces"),
    (
        r"found character '([@`%])'|found character that cannot start",
        "a plain text can't begin with this character",
        "quote the text",
    ),
    (r"mapping values are not allowed", "a colon makes this a key where a value stands",
     "quote a text with a colon in it; check the indentation"),
    (r"could not find expected ':'", "this line is no key: a colon is missing",
     "write key: value, with a space after the colon"),
    (r"did not find expected key", "the indentation does not fit, or a key is missing",
     "align the keys of one mapping in the same column"),
    (r"expected <block end>, but found", "the indentation does not fit the lines above",
     "align the keys of one mapping in the same column"),
    (r"did not find expected '-' indicator", "the items of this list do not line up",
     "begin each item with a dash in the same column"),
    (r"unexpected end of stream", "a quote is opened, but never closed", "close it"),
    (r"did not find expected ',' or '([\]}])'", "a bracket is opened here, but never closed, "
     "or a comma is missing", "separate the items with commas and close the bracket"),
    (r"expected ',' or '[\]}]'", "a bracket is opened here, but never closed, "
     "or a comma is missing", "separate the items with commas and close the bracket"),
    (r"found unknown escape character", "this escape is not known within double quotes",
     r"write \\ for a backslash, or use single quotes"),
    (r"found undefined tag handle", "the tag is not known here", "leave it out"),
    (r"did not find expected <document start>", "this does not belong to the document above",
     "check the indentation"),
    (r"block sequence entries are not allowed", "a list item can't stand here",
     "put it on a line of its own"),
)  # fmt: skip


def syntax_problem(source: Source, error: YAMLError) -> Problem:
    """Return the problem that stopped the parser."""
    said, index = str(error), 0
    if isinstance(error, MarkedYAMLError):
        said = error.problem or error.context or "it can't be read"
        mark = error.problem_mark or error.context_mark
        index = mark.index if mark is not None else 0
    index = min(index, len(source.text))
    for pattern, message, hint in _WORDING:
        if re.search(pattern, said):
            return Problem(source.place(index), Severity.ERROR, "", message, hint, "syntax")
    message = f"this is not YAML: {said}"
    return Problem(source.place(index), Severity.ERROR, "", message, None, "syntax")
