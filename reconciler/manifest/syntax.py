"""The parser's complaints in words that tell what to type instead."""

import re
from typing import Final

from yaml.error import MarkedYAMLError, YAMLError

from reconciler.manifest.characters import strange_blank
from reconciler.manifest.problems import Problem, Severity
from reconciler.manifest.source import Source

# What libyaml says → what we say, and what helps.
_WORDING: Final[tuple[tuple[str, str, str | None], ...]] = (
    ("text after a quote", "text stands after the closing quote", "quote the whole text"),
    ("an item among keys", "a list item can't stand among the keys of a mapping", "drop the dash"),
    ("a colon without a key", "a key is missing before the colon", None),
    (
        r"expected alphabetic or numeric character",
        "& and * begin an anchor and an alias; its name has letters, digits, - and _ only",
        "quote a text that begins so",
    ),
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
    (r"did not find expected '-' indicator", "the items of this list do not line up",
     "begin each item with a dash in the same column"),
    (r"unexpected end of stream", "a quote is opened, but never closed", "close it"),
    (r"did not find expected ',' or '([\]}])'", "a bracket is opened here, but never closed, "
     "or a comma is missing", "separate the items with commas and close the bracket"),
    (r"found unknown escape character", "this escape is not known within double quotes",
     r"write \\ for a backslash, or use single quotes"),
    (r"did not find expected node content|found unexpected ':'",
     "no value can begin with this character here", "quote the text"),
    (r"invalid Unicode character escape", "this escape stands for half a character",
     "write the character itself"),
    (r"found undefined tag handle", "the tag is not known here", "leave it out"),
    (r"did not find expected <document start>", "this does not belong to the document above",
     "check the indentation"),
    (r"block sequence entries are not allowed", "a list item can't stand here",
     "put it on a line of its own"),
)  # fmt: skip

_TEMPLATE: Final = re.compile(r"\{\{|\{%|<%")
_BARE_REFERENCE: Final = re.compile(r"[{\[][^#\"']*?[\s,:\[](\$\{)")
_LONGEST_LINE: Final = 10_000

# Complaints that come late: the place to look at is where the thing began.
_OPENED: Final = r"quoted scalar found unexpected end|flow (mapping|sequence)|simple key could not"


def syntax_problem(source: Source, error: YAMLError) -> Problem:
    """Return the problem that stopped the parser."""
    if (mistake := _mistake(source.text, error)) is not None:
        index, message, hint = mistake
        return Problem(source.place(index), Severity.ERROR, "", message, hint, "syntax")
    said, index = _where(source, error)
    place = source.place(index)
    if "\t" in source.text[index - place.column + 1 : index + 1]:
        said = "found a tab character"
    elif "did not find expected key" in said:
        said = _misfit(source.text, index) or said
    for pattern, message, advice in _WORDING:
        if re.search(pattern, said):
            return Problem(place, Severity.ERROR, "", message, advice, "syntax")
    return Problem(place, Severity.ERROR, "", f"this is not YAML: {said}", None, "syntax")


def _mistake(text: str, error: YAMLError) -> tuple[int, str, str] | None:
    """Recognise in the line of *error* what is no question of YAML: place, words, hint."""
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    if mark is None:
        return None
    start = text.rfind("\n", 0, mark.index) + 1
    line = text[start:].split("\n", maxsplit=1)[0][:_LONGEST_LINE]
    if (found := _TEMPLATE.search(line)) is not None:
        said = "a template that was not rendered stands here"
        return start + found.start(), said, "render it first; or quote the text"
    if "${" in line and (found := _BARE_REFERENCE.search(line)) is not None:
        said = "a reference within brackets must be quoted"
        return start + found.start(1), said, 'write it like "${env:NAME}"'
    if (blank := strange_blank(line)) is not None:
        return mark.index, f"the character {blank} stands in this line", "type a space"
    return None


def _misfit(text: str, index: int) -> str | None:
    """Say what stands where the parser looked for a key; None if it is only badly indented."""
    before = text[:index].rpartition("\n")[2].rstrip()
    if before.endswith(('"', "'")):
        return "text after a quote"
    if re.match(r"-[ \n]", text[index : index + 2]):
        return "an item among keys"
    if re.match(r":[ \n]", text[index : index + 2]):
        return "a colon without a key"
    return None


def _where(source: Source, error: YAMLError) -> tuple[str, int]:
    """Return what the parser says, and the place that a person would point at."""
    if not isinstance(error, MarkedYAMLError):
        return str(error), 0
    said = error.problem or error.context or "it can't be read"
    mark = error.problem_mark or error.context_mark
    if error.context_mark is not None and re.search(_OPENED, f"{error.context} {said}"):
        mark = error.context_mark
    return said, min(mark.index, len(source.text)) if mark is not None else 0
