"""YAML text → plain values and their places, from the parser's event stream.

The one strict reader: YAML 1.2 core scalars, string keys, no key twice, one document, the core
tags only, and bounds on nesting and on what aliases expand to. It never raises for any text.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from yaml.error import YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from reconciler.manifest import laxity
from reconciler.manifest.document import Document, PlacedDict, PlacedList, Row, node_count
from reconciler.manifest.libyaml import events_of, no_libyaml
from reconciler.manifest.mending import mended, says_nothing, unescaped
from reconciler.manifest.odd_keys import MERGE, not_a_key, not_to_merge
from reconciler.manifest.problems import Problem, Severity
from reconciler.manifest.quoting import is_short, sized
from reconciler.manifest.scalars import (
    SUSPECT,
    TagError,
    check_collection_tag,
    resolve,
    resolve_tagged,
)
from reconciler.manifest.source import Source
from reconciler.manifest.syntax import syntax_problem

MAX_DEPTH: Final = 64
MAX_PROBLEMS: Final = 1000
_FREE_EXPANSION: Final = 1_000_000  # nodes that aliases may stand for in a file of any size
_MOST_MENDS: Final = 50  # each reads the file anew
_EXPANSION_PER_CHARACTER: Final = 4


def read(
    source: Source,
    *,
    shown: Callable[[list[str]], list[str]] = lambda _: [],
) -> Document:
    """Read the one document of *source*.

    *shown* returns the part of a path of keys that is certainly no secret.
    """
    text, mends, complete = source.text, 0, False
    while True:
        reader = _Reader(source, text, mends > 0, shown)
        try:
            reader.run(events_of(text))
            complete = True
        except ImportError:
            reader.problems.append(no_libyaml(source))
        except _Stop:
            pass
        except YAMLError as error:
            if mends < _MOST_MENDS and (better := mended(text, error)) is not None:
                text, mends = better, mends + 1
                continue
            reader.problems.append(syntax_problem(source, error))
        break
    if complete and laxity.may_be_glued(text):
        complete = reader.accepts(laxity.glued(text, events_of(text)))
    return Document(
        source=source,
        root=reader.top[0] if complete and reader.top else None,
        root_mark=reader.top.marks[0] if reader.top else 0,
        problems=tuple(reader.problems),
        complete=complete,
    )


class _Stop(Exception):
    """Reading ends here; why stands in the problems."""


_ABSENT: Final = object()
_DROPPED: Final = "\0"  # the key of a value that is read and forgotten: its own key is wrong


class _Frame(NamedTuple):
    """What is open around the collection that is read: what waits there for its value."""

    box: PlacedDict | PlacedList
    key: str | None
    column: int  # of the innermost block collection
    flow_start: int


@dataclass(slots=True)
class _Reader:
    source: Source
    text: str  # the source's own, or mended
    mended: bool
    shown: Callable[[list[str]], list[str]]  # how much of a path may be told
    problems: list[Problem] = field(default_factory=list)
    top: PlacedList = field(default_factory=PlacedList)
    box: PlacedDict | PlacedList = field(default_factory=PlacedList)
    key: str | None = None
    key_mark: int = 0
    column: int = -1  # of the innermost block collection: what goes on must be deeper
    flow_start: int = -1  # where the outermost bracket that is open stands
    stack: list[_Frame] = field(default_factory=list)
    meanings: dict[str, Any] = field(default_factory=dict)  # of plain scalars; one object for all
    anchors: dict[str, Any] = field(default_factory=dict)
    hollow: dict[str, int] = field(default_factory=dict)  # anchors of nothing, not yet referred to
    sizes: dict[int, int] = field(default_factory=dict)
    expanded: int = 0
    documents: int = 0

    def run(self, events: Iterator[Any]) -> None:
        """Build the document."""
        self.box = self.top
        for event in events:
            kind = event.__class__
            if kind is ScalarEvent:
                self._add(self._scalar(event), event.start_mark.index)
            elif kind is MappingStartEvent:
                self._open(event, PlacedDict())
            elif kind is SequenceStartEvent:
                self._open(event, PlacedList())
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._close(event)
            elif kind is AliasEvent:
                self._add(self._alias(event), event.start_mark.index)
            elif kind is DocumentStartEvent and not self._start(event):
                break
        for mark in self.hollow.values():
            self._say(
                mark, "anchor", "an anchor stands here without a value",
                "quote a text that begins with &; or write the value behind it",
            )  # fmt: skip

    def accepts(self, found: laxity.Laxity | None) -> bool:
        """Tell of what YAML 1.2 does not allow; return whether there was nothing to tell."""
        if found is not None:
            self._say(found.mark, "syntax", found.message, found.hint)
        return found is None

    def _scalar(self, event: Any) -> Any:
        if self.mended or event.style or event.anchor is not None or event.tag is not None:
            return self._special_scalar(event)
        text: str = event.value
        value = self.meanings.get(text, _ABSENT)
        if value is _ABSENT:
            if text == "-":
                self._stop(
                    _index(event), "syntax", "a dash stands here without a blank behind it",
                    'write "-" if the text is meant',
                )  # fmt: skip
            value = self.meanings[text] = resolve(text) if text[:1] in SUSPECT else text
        return value

    def _special_scalar(self, event: Any) -> Any:
        """Return the value of a scalar with quotes, an anchor or a tag."""
        value: Any = unescaped(event.value, event.style, mended=self.mended)
        if event.style in ('"', "'"):
            self._demand(laxity.quoted_text(self.text, event, self.column))
        elif event.style:
            self._demand(laxity.block_text(self.text, event))
        elif event.tag is None:
            value = resolve(value) if value[:1] in SUSPECT else value
        if event.tag is not None:
            try:
                value = resolve_tagged(event.tag, value)
            except TagError as error:
                self._say(_index(event), "tag", str(error), error.hint)
        if event.anchor is not None:
            self._anchor(event.anchor, value, _index(event))
            if value is None and not event.value:
                self.hollow[event.anchor] = _index(event)
        return value

    def _anchor(self, name: str, value: Any, mark: int) -> None:
        self._demand(laxity.anchor(self.text, mark))
        self.anchors[name] = value

    def _add(self, value: Any, mark: int) -> None:
        """Put *value* where it belongs: into a list, or beside the key that waits; or it is one."""
        box = self.box
        if box.__class__ is PlacedList:
            box.append(value)
            box.marks.append(mark)
        elif self.key is None:
            self.key_mark = mark
            usable = value.__class__ is str and value not in box
            self.key = value if usable else self._odd_key(value, mark)
        else:
            if self.key is not _DROPPED:
                box[self.key] = value  # type: ignore[call-overload] # a mapping, as was just seen
                box.marks += self.key_mark, mark
            self.key = None

    def _open(self, event: Any, value: PlacedDict | PlacedList) -> None:
        mark, column = event.start_mark.index, event.start_mark.column
        if event.anchor is not None or event.tag is not None:
            self._special_collection(event, value)
            inside = laxity.after_properties(self.text, mark)
            column = self.source.place(inside).column - 1
        if len(self.stack) >= MAX_DEPTH:
            self._stop(mark, "nesting", f"more than {MAX_DEPTH} levels are nested", "nest less")
        self._add(value, mark)
        self.stack.append(_Frame(self.box, self.key, self.column, self.flow_start))
        self.box, self.key = value, None
        if not event.flow_style:
            self.column = column
        elif self.flow_start < 0:
            self.flow_start = mark

    def _special_collection(self, event: Any, value: PlacedDict | PlacedList) -> None:
        if event.anchor is not None:
            self._anchor(event.anchor, value, _index(event))
        if event.tag is not None:
            try:
                check_collection_tag(event.tag, is_mapping=isinstance(value, PlacedDict))
            except TagError as error:
                self._say(_index(event), "tag", str(error), error.hint)

    def _close(self, event: Any) -> None:
        box, flow_start = self.box, self.flow_start
        if isinstance(box, PlacedDict) and MERGE in box:
            self._merge(box)
        self.box, self.key, self.column, self.flow_start = self.stack.pop()
        if flow_start >= 0 > self.flow_start:
            end = event.end_mark.index
            self._demand(laxity.flow_collection(self.text, flow_start, end, self.column))

    def _alias(self, event: Any) -> Any:
        name, mark = event.anchor, _index(event)
        self._demand(laxity.alias(self.text, mark, event.end_mark.index))
        self.hollow.pop(name, None)
        value = self.anchors.get(name, _ABSENT)
        if value is _ABSENT:
            self._say(
                mark, "alias", "no anchor of this name stands before this alias",
                "quote a text that begins with *; or define the anchor further up",
            )  # fmt: skip
            return None
        if value is self.box or any(value is frame.box for frame in self.stack):
            self._stop(mark, "alias", f"*{name} stands within its own anchor &{name}")
        self.expanded += node_count(value, self.sizes)
        if self.expanded > _FREE_EXPANSION + _EXPANSION_PER_CHARACTER * len(self.text):
            self._stop(mark, "alias", "the aliases expand to too much", "use fewer of them")
        return value

    def _odd_key(self, value: Any, mark: int) -> str:
        """Tell of a key that is no text, or there already; what stands beside it is dropped."""
        if isinstance(value, str) and isinstance(self.box, PlacedDict):
            path = self._path(value)
            shown = self.shown(path)
            key = (
                f'the key "{value}"'
                if is_short(value) or len(shown) == len(path)
                else sized("a key", value)
            )
            self._say(
                mark,
                "duplicate-key",
                f"{key} stands twice in this mapping",
                "remove one of the two",
                also=self.box.key_mark(value),
                subject=".".join(shown[1:] if shown[:1] == ["instances"] and shown[1:] else shown),
            )
        else:
            self._say(mark, "key-type", *not_a_key(value, self.text, mark))
        return _DROPPED

    def _path(self, key: str) -> list[str]:
        """Return the keys that lead to *key* in the mapping that is open."""
        boxes = [frame.box for frame in self.stack[1:] if isinstance(frame.box, PlacedDict)]
        return [*(next(reversed(box), "") for box in boxes), key]

    def _merge(self, box: PlacedDict) -> None:
        """Put what `<<` brings before the keys of *box*, which win."""
        own = box.rows()
        rows: dict[str, Row] = {}
        for key, value, _, mark in own:
            if key == MERGE:
                rows = self._merged(value, mark)
        rows |= {row[0]: row for row in own if row[0] != MERGE}
        box.refill(rows.values())

    def _merged(self, value: Any, mark: int) -> dict[str, Row]:
        rows: dict[str, Row] = {}
        for source in reversed(value if isinstance(value, PlacedList) else [value]):
            if isinstance(source, PlacedDict):
                rows |= {row[0]: row for row in source.rows()}
            elif source is not None or not (typed := self.source.token(mark)).startswith("*"):
                self._say(mark, "merge", *not_to_merge(source))
            elif typed[1:] in self.anchors:  # an alias that is unknown was told already
                self._say(mark, "merge", *not_to_merge(source, typed[1:]))
        return rows

    def _start(self, event: Any) -> bool:
        """Begin the document; return whether there is one to read."""
        self.documents += 1
        mark = _index(event)
        if self.documents > 1 and says_nothing(self.text, mark):
            return False
        if self.documents > 1:
            self._stop(
                mark,
                "documents",
                "a second document begins here",
                "put it into a file of its own; -f takes several files, and folders",
            )
        if event.version is not None and tuple(event.version) != (1, 2):
            self._say(mark, "yaml-version", "manifests are read as YAML 1.2", "remove this line")
        return True

    def _demand(self, found: laxity.Laxity | None) -> None:
        if not self.accepts(found):
            raise _Stop

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
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stop
        place = self.source.place(mark)
        length = len(self.source.token(mark)) or 1
        self.problems.append(
            Problem(place, Severity.ERROR, subject, message, hint, rule, places, (), length)
        )

    def _stop(self, mark: int, rule: str, message: str, hint: str | None = None) -> None:
        self._say(mark, rule, message, hint)
        raise _Stop


def _index(event: Any) -> int:
    return int(event.start_mark.index)
