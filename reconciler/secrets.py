"""Values that must never be shown, and the sieve that stops those that slip through."""

import json
import re
from binascii import a2b_base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NoReturn
from urllib.parse import quote, quote_plus, unquote, unquote_plus

MASK: Final = "***"


class Secret:
    """A value that does not print, pickle or format itself; `reveal` is the only way in.

    It lives outside of `str` on purpose: an f-string, a `repr` of a frozen value around it, a
    debugger's or a pretty traceback's locals all show the mask. Most are texts; a parameter that
    takes a number is one, too, where a reference brought it.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | int | bool) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value as text, for the wire, the state file and `export`; nowhere else."""
        return str(self._value)

    def reveal_typed(self) -> str | int | bool:
        """Return the value as what it is: for the body of a request, and for its digest."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and (
            (type(other._value), other._value) == (type(self._value), self._value)  # 1 is no True
        )

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


class Unset(Secret):
    """A value that this machine does not have; *why* says so in words that may be shown.

    It can be planned with, never sent, recorded or digested: revealing it is a mistake.
    """

    __slots__ = ("why",)

    def __init__(self, why: str) -> None:
        super().__init__("")
        self.why = why

    def reveal(self) -> NoReturn:
        raise TypeError("an unset value can't be revealed")

    reveal_typed = reveal

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unset) and other.why == self.why

    def __hash__(self) -> int:
        return hash((Unset, self.why))


class Environment(Mapping[str, str]):
    """Environment variables that show their names only: any of them may be a secret.

    No `dict`, whose values a debugger would show.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Environment({', '.join(sorted(self._values))})"


SHORTEST: Final = 6  # hiding "yes" or "eu" everywhere would only mangle messages
_FEW: Final = 8
_WORD: Final = 16  # characters; what is longer is no part of a name by chance
_OPAQUE: Final = re.compile(r"[A-Za-z0-9]{24,}")
_ENCODED: Final = re.compile(r'[^\s"%+&\\]*[%+&\\][^\s"]*')
_LINE: Final = re.compile(r".+")


def apart_from(public: str, secrets: Iterable[Secret]) -> list[Secret]:
    """Return the *secrets* that are no part of the *public* text.

    In time linear in their number: there may be as many as entries, and as many names.
    """
    texts: dict[int, set[str]] = {}
    for secret in secrets:
        value = secret.reveal()
        if len(value) <= _WORD:
            texts.setdefault(len(value), set()).add(value)
    parts = set[str]()
    for length, values in texts.items():
        if len(values) <= _FEW:
            parts |= {value for value in values if value in public}
        else:
            starts = range(len(public) - length + 1)
            parts |= values.intersection(public[start : start + length] for start in starts)
    return [secret for secret in secrets if secret.reveal() not in parts]


class Sieve:
    """Replaces every secret it has been told of in a text that is about to leave the program.

    The backstop behind `Secret`: texts of libraries and of the API pass through it. It knows a
    secret when it is raw, percent-encoded, escaped as in JSON (also twice) or XML, or base64 at
    any alignment (from 15 bytes on), unless it is shorter than `SHORTEST`. Tokens, of which there
    may be tens of thousands, are looked up by hash: a log line costs the same with all of them.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._opaque: set[str] = set()
        self._lengths: frozenset[int] = frozenset()
        self._others: set[str] = set()
        self._tails: dict[str, list[str]] = {}  # the others by their ends, which differ most
        self._needles: tuple[str, ...] = ()  # the others in all their forms, while they are few
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> None:
        """Hide *secret* from now on; any thread may, while others clean."""
        value = secret.reveal()
        if len(value) < SHORTEST:
            return
        if _OPAQUE.fullmatch(value):
            self._opaque.add(value)
            if len(value) not in self._lengths:
                self._lengths |= {len(value)}
        elif value not in self._others:
            self._others.add(value)
            self._tails.setdefault(value[-SHORTEST:], []).append(value)
            self._needles = (*self._needles, *_forms(value)) if len(self._others) <= _FEW else ()

    def clean(self, text: str) -> str:
        """Return *text* with every known secret masked."""
        if not self._opaque and not self._others:
            return text
        runs = _long_runs(text)
        masked = self._masked(text, runs)
        if masked is not text:
            text, runs = masked, _long_runs(masked)
        for run in runs:
            if self._is_encoded(_decoded(run)):
                text = text.replace(run, MASK)
        if _has_signs(text):
            text = _ENCODED.sub(lambda word: self._mask_encoded(word.group()), text)
            if "\\" in text or "&" in text:  # an escaped secret may have blanks and quotes in it
                text = _LINE.sub(lambda line: self._mask_encoded(line.group()), text)
        return text

    def _mask_encoded(self, text: str) -> str:
        return MASK if self._is_encoded(_unescaped(text)) else text

    def _is_encoded(self, views: Iterable[str]) -> bool:
        return any(self._masked(view, _long_runs(view)) != view for view in views)

    def _masked(self, text: str, runs: Iterable[str]) -> str:
        """Return *text*, whose long *runs* were found, without the secrets that stand in it as
        they are; the same object if there are none."""
        opaque = self._opaque and any(_OPAQUE.search(run) for run in runs)
        if self._others:
            spans = self._found(text) if self._needles else self._looked_up(text)
            text = _cut(text, sorted(spans)) if spans else text
        return _OPAQUE.sub(self._mask_run, text) if opaque else text

    def _found(self, text: str) -> list[tuple[int, int]]:
        spans = []
        for needle in self._needles:
            start = text.find(needle)
            while start >= 0:
                spans.append((start, start + len(needle)))
                start = text.find(needle, start + 1)
        return spans

    def _looked_up(self, text: str) -> list[tuple[int, int]]:
        ends = range(SHORTEST, len(text) + 1)
        if self._tails.keys().isdisjoint([text[end - SHORTEST : end] for end in ends]):
            return []
        return [
            (end - len(value), end)
            for end in ends
            for value in self._tails.get(text[end - SHORTEST : end], ())
            if text.endswith(value, 0, end)
        ]

    def _mask_run(self, match: re.Match[str]) -> str:
        run = match.group()
        windows = (run[i : i + n] for n in self._lengths for i in range(len(run) - n + 1))
        return run if self._opaque.isdisjoint(windows) else MASK


_RUN: Final = 20  # 15 bytes in base64
_SIGNS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-")
_TO_BLANKS: Final = bytes(code if code in _SIGNS else 32 for code in range(256))


def _long_runs(text: str) -> list[str]:
    """Return where a token, or anything in base64, may be; several times faster than a regex."""
    if len(text) < _RUN:
        return []
    runs = text.encode("utf-8", "replace").translate(_TO_BLANKS).split()
    return [run.decode() for run in runs if len(run) >= _RUN]


def _forms(value: str) -> set[str]:
    """Return the ways to write *value* that are masked without what stands around them."""
    escaped = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    twice = {json.dumps(each)[1:-1] for each in escaped}
    halves = {"errors": "surrogatepass"}  # half a surrogate pair must not keep a token in the open
    encoded = {quote(value, safe="", **halves), quote(value, **halves), quote_plus(value, **halves)}
    lower = {_HEX.sub(lambda match: match.group().lower(), each) for each in encoded}
    return {value} | escaped | twice | encoded | lower


_HEX: Final = re.compile(r"%[0-9A-F]{2}")


def _cut(text: str, spans: list[tuple[int, int]]) -> str:
    """Put the mask in the place of *spans*, which are in order and may overlap."""
    parts, done = [], 0
    for start, end in spans:
        if start >= done:
            parts += [text[done:start], MASK]
        done = max(done, end)
    return "".join(parts) + text[done:]


def _decoded(run: str) -> Iterator[str]:
    """Yield what *run* means in base64, at each alignment; it may begin before the base64 does."""
    standard = run.replace("-", "+").replace("_", "/") + "AAA"
    for offset in range(4):
        whole = (len(standard) - offset) // 4 * 4
        yield a2b_base64(standard[offset : offset + whole]).decode("utf-8", "replace")


def _has_signs(text: str) -> bool:
    """Tell whether *text* may be encoded: four searches take less time than a regex."""
    return "%" in text or "+" in text or "\\" in text or "&" in text


def _unescaped(text: str) -> Iterator[str]:
    """Yield what *text* means if it is percent-encoded or escaped, once or twice."""
    if "%" in text or "+" in text:
        yield unquote(text)
        yield unquote_plus(text)
    if "\\" in text:
        once = _without_escapes(text)
        yield once
        yield _without_escapes(once)
    if "&" in text:
        from html import unescape

        yield unescape(text)


_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_SHORT: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def _without_escapes(text: str) -> str:
    plain = _ESCAPE.sub(_meant, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # joins pairs


def _meant(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    return chr(int(code, 16)) if code else _SHORT.get(match.group(3), match.group(3))


# A run of letters and digits, longer than words are; or one with hyphens that has a digit in it.
_TOKEN_LIKE: Final = re.compile(
    r"gac\.\w+|[A-Za-z0-9]{24,}|(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{24,}", re.ASCII
)
_CUT_OFF: Final = re.compile(r"\S+\Z")


def clean_foreign(text: str, *, limit: int = 200) -> str:
    """Make a text of the API fit to show: one line, bounded, and without anything like a token.

    Whatever a server puts into an error may echo a token that this program has never seen (an
    `apiTokenInstance` has about 50 letters and digits).
    """
    if len(text) > 4 * limit:
        text = _CUT_OFF.sub(MASK, text[: 4 * limit])  # half a token does not look like one
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = _TOKEN_LIKE.sub(MASK, line)
    return line if len(line) <= limit else line[: limit - 1] + "…"
