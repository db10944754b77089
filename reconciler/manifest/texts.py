"""What is odd about a text though the schema takes it: templates, placeholders, quotes, blanks,
characters that nobody sees, hosts that can't be.

What looks like an oversight is looked for in what stands in the manifest itself: not in what a
reference brought, and not where a `$` was written as `$$`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reconciler.manifest.characters import hidden
from reconciler.manifest.problems import Severity
from reconciler.manifest.quoting import show, show_reference
from reconciler.manifest.references import REFERENCE, Resolved
from reconciler.manifest.rules import Parameter
from reconciler.manifest.urls import host_of, is_out_of_reach, wrong_url

# One look at a text tells of most that nothing is odd about it.
_MAY_BE_ODD: Final = re.compile(
    r"\{[{%]|[<$%]|__|^\s|\s\Z|[^\x20-\x7e]|(?i:(?:change|replace)[-_ ]?me)"
)
_TEMPLATES: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>", "a template that was not rendered"),
        (r"\$[A-Z_][A-Z0-9_]*\b", "a variable that nobody replaces"),
        (r"\$\([A-Za-z_][\w. -]*\)", "a variable that nobody replaces"),
        (r"%[A-Za-z_][A-Za-z0-9_]*%", "a variable that nobody replaces"),
        (r"__[A-Z][A-Z0-9_]*__", "a placeholder"),
        (r"<[A-Za-z][\w .-]*>", "a placeholder"),
        (r"(?i)\b(?:change|replace)[-_ ]?me\b", "a placeholder"),
    )
)
_CURLY: Final = re.compile(r"[\u2018-\u201f\u00ab\u00bb]\s*\Z")
_PERCENT_PAIR: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_BLANKS: Final = " \t\u00a0"
_GAP: Final = "\0"  # stands where a reference stood


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd about a text; an error where it can't be meant."""

    severity: Severity
    rule: str
    message: str
    hint: str | None


def remarks(parameter: Parameter, typed: str, resolved: Resolved) -> Iterator[Remark]:
    """Yield what is odd about the *typed* text of *parameter*, and about what it means."""
    odd = _oversight(parameter, typed) if _MAY_BE_ODD.search(typed) else None
    if odd is not None:
        yield odd
    if odd is not None and odd.severity is Severity.ERROR:
        return
    if resolved.parts and (brought := _brought(parameter, typed, resolved.text)) is not None:
        yield brought
    elif parameter.is_url:
        yield from _url(parameter, typed, resolved)


def _oversight(parameter: Parameter, typed: str) -> Remark | None:
    literal, curly = _literal(typed)
    delicate = Severity.ERROR if parameter.secret or parameter.is_url else Severity.WARNING
    grave = Severity.ERROR if parameter.secret else Severity.WARNING
    if curly:
        return Remark(
            delicate, "curly-quotes", "curly quotes stand around the reference",
            "type straight quotes, or none",
        )  # fmt: skip
    if (kind := _template(literal, is_url=parameter.is_url)) is not None:
        in_host = parameter.is_url and _template(host_of(literal), is_url=False) is not None
        # A host that is only called CHANGEME can exist.
        grave = Severity.ERROR if in_host and re.search(r"\W", host_of(literal)) else grave
        hint = "write the value itself, or ${env:NAME}; a literal $ is $$"
        return Remark(grave, "placeholder", f"this looks like {kind}", hint)
    if parameter.is_url:
        return None
    if literal != literal.strip(_BLANKS):
        return Remark(
            Severity.WARNING, "blank-at-the-end", "a blank stands at the beginning or the end",
            "take it out; it would be sent",
        )  # fmt: skip
    unseen = hidden(literal.replace(_GAP, ""), joiners=not parameter.secret)
    if unseen is not None and "control" not in unseen:  # the schema refuses those
        return Remark(
            grave, "invisible-character", f"the character {unseen} can't be seen",
            "type the text anew: it would be sent",
        )  # fmt: skip
    return None


def _brought(parameter: Parameter, typed: str, text: str) -> Remark | None:
    """Look at a text that a reference brought."""
    shown, hint = show_reference(typed), "mend it where the value is set"
    if text[-1:] in ("\r", "\n"):
        end = "a carriage return" if text[-1] == "\r" else "a line break"
        return Remark(Severity.ERROR, "pattern", f"{shown} ends with {end}", hint)
    if text != text.strip(_BLANKS):
        said = f"{shown} begins or ends with a blank"
        return Remark(Severity.WARNING, "blank-at-the-end", said, hint)
    unseen = hidden(text, blanks=parameter.is_url)
    if unseen is not None and "control" not in unseen:
        said = f"{shown} holds the character {unseen}, which can't be seen"
        return Remark(Severity.ERROR, "invisible-character", said, hint)
    return None


def _url(parameter: Parameter, typed: str, resolved: Resolved) -> Iterator[Remark]:
    if (why := wrong_url(resolved.text)) is not None:
        shown = show_reference(typed) if resolved.parts else show(typed)
        yield Remark(Severity.ERROR, "pattern", f"{shown} is {why}", parameter.hint)
    elif is_out_of_reach(resolved.text):
        yield Remark(
            Severity.WARNING, "unreachable-host", "the servers of GREEN-API can't reach this host",
            "name a host that the internet knows",
        )  # fmt: skip


def _literal(text: str) -> tuple[str, bool]:
    """Return *text* without what is no literal, and whether curly quotes enclose a reference."""
    pieces, end, curly = list[str](), 0, False
    for found in REFERENCE.finditer(text):
        pieces.append(text[end : found.start()])
        curly = curly or (found.group() != "$$" and bool(_CURLY.search(pieces[-1])))
        end = found.end()
    return _GAP.join([*pieces, text[end:]]), curly


def _template(literal: str, *, is_url: bool) -> str | None:
    for pattern, kind in _TEMPLATES:
        for found in pattern.finditer(literal):
            if not (is_url and _PERCENT_PAIR.match(found.group())):
                return kind
    return None
