"""YAML text → plain values and their places, from the parser's event stream.

The one strict reader: YAML 1.2 core scalars, string keys, no key twice, one document, the core
tags only, and bounds on nesting and on what aliases expand to. It never raises for any text.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from yaml.error import YAMLError
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from reconciler.manifest import tags
from reconciler.manifest.document import Document
from reconciler.manifest.problems import Problem, Severity
from reconciler.manifest.scalars import SUSPECT, resolve
from reconciler.manifest.source import Source
from reconciler.manifest.spans import token
from reconciler.manifest.syntax import syntax_problem

MAX_DEPTH: Final = 64
MAX_PROBLEMS: Final = 1000
_FREE_EXPANSION: Final = 1_000_000  # nodes that aliases may stand for in a file of any size
_EXPANSION_PER_CHARACTER: Final = 4
_REMEMBERED: Final = 4096  # numbers and words of which the meaning is kept


class EventStream(Protocol):
    """What yields the events of a text, one after the other."""

    def get_event(self) -> Any: ...


Parser = Callable[[str], EventStream]


def read(source: Source, *, parser: Parser | None = None) -> Document:
    """Read the one document of *source*; *parser* is libyaml's, where it is there."""
    reader = _Reader(source)
    complete = False
    try:
        reader.run((parser or _parser())(source.text).get_event)
        complete = True
    except _Stop:
        pass
    except YAMLError as error:
        reader.problems.append(syntax_problem(source, error))
    return Document(
        source=source,
        root=reader.top[0] if complete and reader.top else None,
        marks=reader.marks,
        root_mark=reader.top_marks[0] if reader.top_marks else 0,
        problems=tuple(reader.problems),
        complete=complete,
        plain=reader.plain,
    )


def _parser() -> Parser:
    try:
        from yaml._yaml import CParser
    except ImportError:
        from reconciler.manifest.pure import PureParser

        return PureParser
    return CParser


class _Stop(Exception):
    """Reading ends here; why stands in the problems."""


class _MergeKey(str):
    """The plain key `<<`; a quoted one is an ordinary key."""

    __slots__ = ()


_MERGE: Final = _MergeKey("<<")
_ABSENT: Final = object()

# What is open: the collection, its marks, whether it is a mapping, the key that waits for its
# value, and where that key stands.
_Frame = tuple[Any, list[int], bool, str | None, int]


@dataclass(slots=True)
class _Reader:
    source: Source
    problems: list[Problem] = field(default_factory=list)
    marks: dict[int, list[int]] = field(default_factory=dict)
    plain: bool = True
    top: list[Any] = field(default_factory=list)
    top_marks: list[int] = field(default_factory=list)
    stack: list[_Frame] = field(default_factory=list)
    anchors: dict[str, Any] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    expanded: int = 0
    odd: bool = False  # there are keys to drop or to merge
    dropped: dict[int, list[str]] = field(default_factory=dict)
    detached: list[Any] = field(default_factory=list)

    def run(self, get: Callable[[], Any]) -> None:  # noqa: C901, PLR0912, PLR0915 - the hot loop
        """Build the document. One loop without calls for the common events: they are most."""
        known: dict[str, Any] = {}  # what plain scalars mean that came before: most come again
        scalar, start, end = ScalarEvent, MappingStartEvent, MappingEndEvent
        marked = "&" in self.source.text or "!" in self.source.text
        stack = self.stack
        box: Any = self.top
        marks = self.top_marks
        mapping = False
        key: str | None = None
        key_mark = 0
        documents = 0
        while True:
            event = get()
            kind = event.__class__
            if kind is scalar:
                value = event.value
                mark = event.start_mark.index
                if marked and (event.anchor is not None or event.tag is not None):
                    value = self._special_scalar(event)
                elif not event.style:
                    if value in known:
                        value = known[value]
                    elif value[:1] in SUSPECT:
                        value = self._resolve(value, known, mapping and key is None)
                    elif key is None:
                        known[value] = value
            elif kind is end or kind is SequenceEndEvent:
                if self.odd and mapping:
                    self._finish(box, marks)
                box, marks, mapping, key, key_mark = stack.pop()
                continue
            elif kind is start or kind is SequenceStartEvent:
                mark = event.start_mark.index
                value = {} if kind is start else []
                if event.anchor is not None or event.tag is not None:
                    self._special_collection(event, value)
                inner: list[int] = []
                self.marks[id(value)] = inner
                if len(stack) >= MAX_DEPTH:
                    self._stop(
                        mark, "nesting", f"more than {MAX_DEPTH} levels are nested", "nest less"
                    )
                if not mapping:
                    box.append(value)
                    marks.append(mark)
                elif key is None:
                    key, key_mark = self._odd_key(value, mark, box), mark
                    self.detached.append(value)
                else:
                    box[key] = value
                    marks.append(key_mark)
                    marks.append(mark)
                    key = None
                stack.append((box, marks, mapping, key, key_mark))
                box, marks, mapping, key = value, inner, kind is start, None
                continue
            elif kind is AliasEvent:
                mark = event.start_mark.index
                value = self._alias(event.anchor, mark, box)
            elif kind is DocumentStartEvent:
                documents += 1
                self._start(event, documents)
                continue
            elif kind is StreamEndEvent:
                return
            else:
                continue
            if not mapping:
                box.append(value)
                marks.append(mark)
            elif key is None:
                key_mark = mark
                if value.__class__ is str and value not in box:
                    key = value
                else:
                    key = self._odd_key(value, mark, box)
            else:
                box[key] = value
                marks.append(key_mark)
                marks.append(mark)
                key = None

    def _resolve(self, text: str, known: dict[str, Any], is_key: bool) -> Any:
        if text == "<<":
            return _MERGE if is_key else text
        value = resolve(text)
        if len(known) < _REMEMBERED:
            known[text] = value
        if value.__class__ is not str and value.__class__ is not int:
            self.plain = False
        return value

    def _special_scalar(self, event: ScalarEvent) -> Any:
        """Return the value of a scalar that carries an anchor or a tag."""
        value: Any = event.value
        if event.tag is not None:
            found = tags.scalar(event.tag, event.value)
            if isinstance(found, str | int | float | None):
                value = found
            else:
                self._say(_index(event), "tag", found.message, found.hint)
        elif not event.style:
            value = resolve(event.value) if event.value[:1] in SUSPECT else event.value
        if value.__class__ is not str and value.__class__ is not int:
            self.plain = False
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        return value

    def _special_collection(self, event: CollectionStartEvent, value: Any) -> None:
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        if event.tag is not None:
            wrong = tags.collection(event.tag, isinstance(value, dict))
            if wrong is not None:
                self._say(_index(event), "tag", wrong.message, wrong.hint)

    def _alias(self, name: str, mark: int, box: Any) -> Any:
        value = self.anchors.get(name, _ABSENT)
        if value is _ABSENT:
            self._say(
                mark, "alias", f"no anchor &{name} stands before *{name}", "define it further up"
            )
            return None
        if value is box or any(value is frame[0] for frame in self.stack):
            self._stop(mark, "alias", f"*{name} stands within its own anchor &{name}")
        self.expanded += self._size(value)
        if self.expanded > _FREE_EXPANSION + _EXPANSION_PER_CHARACTER * len(self.source.text):
            self._stop(mark, "alias", "the aliases expand to too much", "use fewer of them")
        return value

    def _size(self, value: Any) -> int:
        """Count the nodes that *value* stands for, all aliases followed."""
        if not isinstance(value, dict | list):
            return 1
        known = self.sizes.get(id(value))
        if known is None:
            inner = value.values() if isinstance(value, dict) else value
            known = 1 + len(value) + sum(map(self._size, inner))
            self.sizes[id(value)] = known
        return known

    def _odd_key(self, value: Any, mark: int, box: dict[str, Any]) -> str:
        """Return the key to go on with for one that is a merge, no string, or there already."""
        self.odd = True
        if isinstance(value, _MergeKey) and "<<" not in box:
            return value
        if isinstance(value, str):
            first = self._key_place(box, value)
            self._say(
                mark,
                "duplicate-key",
                f'the key "{value}" stands twice in this mapping',
                "remove one of the two",
                also=first,
                subject=self._path(value),
            )
        else:
            self._say(mark, "key-type", *tags.not_a_key(value, self.source.text, mark))
        stand_in = f"\0{mark}"
        self.dropped.setdefault(id(box), []).append(stand_in)
        return stand_in

    def _key_place(self, box: dict[str, Any], key: str) -> int | None:
        position = list(box).index(key)
        marks = self.marks[id(box)]
        return marks[2 * position] if 2 * position < len(marks) else None

    def _finish(self, box: dict[str, Any], marks: list[int]) -> None:
        """Drop the odd keys of the complete mapping *box* and merge what `<<` brings."""
        if "<<" not in box and id(box) not in self.dropped:
            return
        own = [
            (key, value, marks[2 * i], marks[2 * i + 1])
            for i, (key, value) in enumerate(box.items())
        ]
        dropped = self.dropped.pop(id(box), ())
        own = [item for item in own if item[0] not in dropped]
        merged: dict[str, tuple[str, Any, int, int]] = {}
        for key, value, _, mark in own:
            if isinstance(key, _MergeKey):
                merged = self._merged(value, mark)
        merged |= {item[0]: item for item in own if not isinstance(item[0], _MergeKey)}
        box.clear()
        marks.clear()
        for key, value, key_mark, mark in merged.values():
            box[key] = value
            marks += key_mark, mark

    def _merged(self, value: Any, mark: int) -> dict[str, tuple[str, Any, int, int]]:
        sources = value if isinstance(value, list) else [value]
        result: dict[str, tuple[str, Any, int, int]] = {}
        for source in reversed(sources):
            if not isinstance(source, dict):
                self._say(mark, "merge", "<< takes a mapping or a list of mappings", "write *name")
                continue
            marks = self.marks[id(source)]
            result |= {
                key: (key, item, marks[2 * i], marks[2 * i + 1])
                for i, (key, item) in enumerate(source.items())
            }
        return result

    def _start(self, event: DocumentStartEvent, documents: int) -> None:
        mark = _index(event)
        if documents > 1:
            self._stop(
                mark,
                "documents",
                "a second document begins here",
                "put it into a file of its own; -f takes several files, and folders",
            )
        if event.version is not None and tuple(event.version) != (1, 2):
            self._say(mark, "yaml-version", "manifests are read as YAML 1.2", "remove this line")

    def _path(self, key: str) -> str:
        """Return the keys that lead to *key* in the mapping that is open."""
        boxes = [box for box, _, mapping, _, _ in self.stack if mapping]
        path = [str(list(box)[-1]) for box in boxes if box] + [key]
        return ".".join(path[1:] if path[0] == "instances" and len(path) > 1 else path)

    def _say(
        self,
        mark: int,
        rule: str,
        message: str,
        hint: str | None = None,
        *,
        also: int | None = None,
        subject: str = "",
    ) -> None:
        places = () if also is None else (self.source.place(also),)
        if len(self.problems) >= MAX_PROBLEMS:  # places of duplicates are searched for
            raise _Stop
        place = self.source.place(mark)
        length = len(token(self.source.text, mark)) or 1
        self.problems.append(
            Problem(place, Severity.ERROR, subject, message, hint, rule, places, (), length)
        )

    def _stop(self, mark: int, rule: str, message: str, hint: str | None = None) -> None:
        self._say(mark, rule, message, hint)
        raise _Stop


def _index(event: Event) -> int:
    return event.start_mark.index if event.start_mark is not None else 0
