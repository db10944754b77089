"""Keys and names over all files of a run: unique, and not to be mistaken for each other."""

from collections.abc import Callable, Iterator, Sequence

from reconciler.manifest.characters import drawn, drawn_ascii, folded
from reconciler.manifest.entries import Entries
from reconciler.manifest.problems import Problem, Severity
from reconciler.manifest.rules import LIFECYCLE
from reconciler.model import Place


def check_names(files: Sequence[Entries], is_key: Callable[[str], bool]) -> list[Problem]:
    """Return the problems that only all entries together have.

    What is no key, which *is_key* tells, was told already, and may be a secret.
    """
    keys = [key for entries in files for key in entries.values]
    names = [
        values.get("name") or key for entries in files for key, values in entries.values.items()
    ]
    problems: list[Problem] = []
    if len(set(keys)) < len(keys):
        problems += _twice(_key_places(files, is_key), "duplicate-entry", "the key")
    if len(set(map(str, names))) < len(names):
        problems += _twice(_name_places(files, is_key), "duplicate-name", "the name")
    if any(entries.lifecycles for entries in files):
        problems += _renamed(files, frozenset(keys), is_key)
    if _confusable(keys):
        problems += _similar(_key_places(files, is_key), "key")
    if _confusable(list(map(str, names))):
        problems += _similar(_name_places(files, is_key), "name")
    return problems


def _key_places(
    files: Sequence[Entries], is_key: Callable[[str], bool]
) -> Iterator[tuple[str, str, Place]]:
    for entries in files:
        for key, mark in zip(entries.instances, entries.instances.marks[::2], strict=True):
            if is_key(key):
                yield key, key, entries.document.source.place(mark)


def _name_places(
    files: Sequence[Entries], is_key: Callable[[str], bool]
) -> Iterator[tuple[str, str, Place]]:
    seen: set[str] = set()
    for entries in files:
        for key, values in entries.values.items():
            if key in seen or not is_key(key):  # told as a duplicate key already
                continue
            seen.add(key)
            place = entries.document.source.place(entries.name_mark(key))
            yield str(values.get("name") or key), key, place


def _twice(rows: Iterator[tuple[str, str, Place]], rule: str, what: str) -> Iterator[Problem]:
    first: dict[str, tuple[str, Place]] = {}
    for word, key, place in rows:
        if word in first:
            other, there = first[word]
            by = f" by {other}" if other != key else ""
            yield Problem(
                place, Severity.ERROR, key, f'{what} "{word}" is taken already{by}',
                "keys and names are unique over all manifests of a run",
                rule, also=(there,), length=len(word),
            )  # fmt: skip
        else:
            first[word] = key, place


def _renamed(
    files: Sequence[Entries], wanted: frozenset[str], is_key: Callable[[str], bool]
) -> Iterator[Problem]:
    """Tell of previous keys that can't be: no record can move from there."""
    first: dict[str, Place] = {}
    for entries in files:
        for key, said in entries.lifecycles.items():
            before = said.previously
            if before is None or not (is_key(key) and is_key(before)):
                continue
            mark = entries.instances[key][LIFECYCLE].value_mark("previously")
            place = entries.document.source.place(mark)
            there = first.setdefault(before, place)
            if before == key:
                message, hint = "it is this entry's own key", "write the key that it had before"
            elif before in wanted:
                message = f"{before} is wanted itself: the manifest has an entry of this key"
                hint = "take the line out, or the other entry"
            elif there is not place:
                message = f"another entry names {before}, too: a record can move to one only"
                hint = "take one of the two lines out"
            else:
                continue
            yield Problem(
                place, Severity.ERROR, f"{key}.{LIFECYCLE}.previously", message, hint,
                "previously", also=() if there is place else (there,), length=len(before),
            )  # fmt: skip


def _confusable(words: list[str]) -> bool:
    """Whether two different words look the same."""
    different = set(words)
    text = "\n".join(different)
    alike = drawn_ascii(text).split("\n") if text.isascii() else map(drawn, different)
    return len(set(alike)) < len(different)


def _similar(rows: Iterator[tuple[str, str, Place]], what: str) -> Iterator[Problem]:
    seen: dict[str, tuple[str, str, Place]] = {}
    for word, key, place in rows:
        for skeleton in ("=" + folded(word), "~" + drawn(word)):
            other, other_key, there = seen.setdefault(skeleton, (word, key, place))
            both_are_keys = word == key and other == other_key  # told as keys already
            if other != word and not (what == "name" and both_are_keys):
                how = "differs only in case from" if skeleton[0] == "=" else "looks like"
                said = f"this key {how} {other}"
                if what == "name":
                    said = f'the name "{word}" can be taken for "{other}"'
                yield Problem(
                    place, Severity.WARNING, key, said,
                    "give the two names that nobody confuses", f"similar-{what}",
                    also=(there,), length=len(word),
                )  # fmt: skip
                break
