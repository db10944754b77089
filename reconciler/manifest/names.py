"""Keys and names over all files of a run: unique, and not to be mistaken for each other."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.manifest.entries import Entries
from reconciler.manifest.problems import Problem, Severity
from reconciler.model import Place

_LOOK_ALIKE: Final = str.maketrans({"0": "o", "O": "o", "1": "l", "I": "l", "_": "-", ".": "-"})


def check_names(files: Sequence[Entries]) -> list[Problem]:
    """Return the problems that only all entries together have."""
    keys = [key for entries in files for key in entries.values]
    names = [
        values.get("name") or key for entries in files for key, values in entries.values.items()
    ]
    problems: list[Problem] = []
    if len(set(keys)) < len(keys):
        problems += _twice(files, _key_places(files), "duplicate-entry", "the key")
    if len(set(map(str, names))) < len(names):
        problems += _twice(files, _name_places(files), "duplicate-name", "the name")
    if _confusable(keys):
        problems += _similar(files)
    return problems


def _key_places(files: Sequence[Entries]) -> Iterator[tuple[str, str, Place]]:
    for entries in files:
        for key, mark in zip(entries.instances, entries.instances.marks[::2], strict=True):
            yield key, key, entries.document.source.place(mark)


def _name_places(files: Sequence[Entries]) -> Iterator[tuple[str, str, Place]]:
    seen: set[str] = set()
    for entries in files:
        for key, values in entries.values.items():
            if key in seen:  # told as a duplicate key already
                continue
            seen.add(key)
            place = entries.document.source.place(entries.name_mark(key))
            yield str(values.get("name") or key), key, place


def _twice(
    files: Sequence[Entries], rows: Iterator[tuple[str, str, Place]], rule: str, what: str
) -> Iterator[Problem]:
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


def _confusable(keys: list[str]) -> bool:
    """Whether two different keys look the same: one pass over all, since they seldom do."""
    different = set(keys)
    text = "\n".join(different)
    folded = text.casefold().split("\n")
    alike = text.translate(_LOOK_ALIKE).casefold().split("\n")
    return len(set(folded)) < len(different) or len(set(alike)) < len(different)


def _similar(files: Sequence[Entries]) -> Iterator[Problem]:
    seen: dict[str, tuple[str, Place]] = {}
    for word, key, place in _key_places(files):
        for skeleton in ("=" + word.casefold(), "~" + word.translate(_LOOK_ALIKE).casefold()):
            other, there = seen.setdefault(skeleton, (key, place))
            if other != key:
                how = "differs only in case from" if skeleton[0] == "=" else "looks like"
                yield Problem(
                    place, Severity.WARNING, key, f"this key {how} {other}",
                    "give the two names that nobody confuses", "similar-key",
                    also=(there,), length=len(key),
                )  # fmt: skip
                break
