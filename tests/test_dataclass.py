"""Data classes that are completed late: like those of the standard library in everything."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field
from threading import Barrier, Thread
from typing import Any, ClassVar

import pytest

from reconciler.dataclass import dataclass, maker


@dataclasses.dataclass(frozen=True, slots=True)
class Usual:
    """The standard library's."""

    name: str
    token: str = field(repr=False, default="t")
    more: list[int] = field(default_factory=list, compare=False)
    size: int = 3

    @property
    def half(self) -> float:
        return self.size / 2


@dataclass(frozen=True, slots=True)
class Late:
    """Ours, with the same fields."""

    name: str
    token: str = field(repr=False, default="t")
    more: list[int] = field(default_factory=list, compare=False)
    size: int = 3

    @property
    def half(self) -> float:
        return self.size / 2


def fresh() -> Any:
    """Return a class like `Late` that nobody has asked for anything yet."""

    @dataclass(frozen=True, slots=True)
    class Fresh:
        name: str
        token: str = field(repr=False, default="t")
        more: list[int] = field(default_factory=list, compare=False)
        size: int = 3

        @property
        def half(self) -> float:
            return self.size / 2

    return Fresh


def is_complete(cls: type) -> bool:
    return isinstance(vars(cls)["__dataclass_fields__"], dict)


CALLS: dict[str, Callable[[Any], Any]] = {
    "all in order": lambda cls: cls("a", "u", [1], 4),
    "defaults": lambda cls: cls("a"),
    "by name": lambda cls: cls(size=1, name="a"),
    "some in order": lambda cls: cls("a", "u", size=1),
    "none": lambda cls: cls(),
    "too many": lambda cls: cls("a", "u", [1], 4, 5),
    "twice": lambda cls: cls("a", name="b"),
    "unknown": lambda cls: cls("a", other=1),
    "unknown instead": lambda cls: cls(other=1),
}
USES: dict[str, Callable[[Any], Any]] = {
    "repr": lambda cls: repr(cls("a", "secret")),
    "equal": lambda cls: (
        cls("a") == cls("a", more=[1]),
        cls("a") == cls("b"),
        cls("a") != cls("a"),
    ),
    "of another type": lambda cls: cls("a") == ("a", "t", [], 3),
    "hash": lambda cls: len({cls("a"), cls("a"), cls("b")}),
    "fields": lambda cls: [(each.name, each.repr) for each in dataclasses.fields(cls)],
    "fields of a value": lambda cls: [each.name for each in dataclasses.fields(cls("a"))],
    "replace": lambda cls: dataclasses.astuple(dataclasses.replace(cls("a"), size=9)),
    "asdict": lambda cls: dataclasses.asdict(cls("a")),
    "is_dataclass": lambda cls: dataclasses.is_dataclass(cls("a")),
    "copy": lambda cls: dataclasses.astuple(copy.copy(cls("a", size=2))),
    "deepcopy": lambda cls: dataclasses.astuple(copy.deepcopy(cls("a", size=2))),
    "params": lambda cls: cls.__dataclass_params__.frozen,
    "match_args": lambda cls: cls.__match_args__,
    "slots": lambda cls: (cls.__slots__, hasattr(cls("a"), "__dict__")),
    "its own": lambda cls: cls("a").half,
    "no defaults on the class": lambda cls: type(cls.size).__name__,
    "other lists": lambda cls: cls("a").more is cls("a").more,
    "the name of what makes it": lambda cls: cls.__init__.__name__,
    "assign": lambda cls: setattr(cls("a"), "name", "b"),
    "delete": lambda cls: delattr(cls("a"), "name"),
}


def said(call: Callable[[Any], Any], cls: Any) -> object:
    """Return what *call* does to *cls*, in words that do not depend on its name."""
    try:
        found = call(cls)
    except (TypeError, AttributeError) as error:
        return type(error), str(error).replace(cls.__qualname__, "X")
    shown = dataclasses.astuple(found) if isinstance(found, cls) else found
    return str(shown).replace(cls.__qualname__, "X")


@pytest.mark.parametrize("call", [*CALLS.values(), *USES.values()], ids=[*CALLS, *USES])
def test_it_does_what_the_standard_library_does(call: Callable[[Any], Any]) -> None:
    assert said(call, Late) == said(call, Usual)


@pytest.mark.parametrize("call", [*CALLS.values(), *USES.values()], ids=[*CALLS, *USES])
def test_it_does_so_when_it_is_the_first_thing_asked(call: Callable[[Any], Any]) -> None:
    cls = fresh()
    assert said(call, cls) == said(call, Usual)


def test_making_reading_and_matching_completes_nothing() -> None:
    cls = fresh()

    made = cls("a", size=4)
    match made:
        case cls(name, size=size):
            pass

    assert (made.name, made.more, name, size) == ("a", [], "a", 4)
    assert not is_complete(cls)


def test_what_was_asked_for_once_is_there_to_stay() -> None:
    cls = fresh()
    first = cls("a")

    assert first == cls("a")
    assert is_complete(cls)
    assert cls.__init__.__code__.co_varnames[:3] == ("self", "name", "token")


def test_a_value_can_not_be_changed_before_nor_after() -> None:
    cls = fresh()
    made = cls("a")

    with pytest.raises(FrozenInstanceError):
        made.other = "b"
    repr(made)
    with pytest.raises(FrozenInstanceError):
        made.name = "b"

    assert made.name == "a"


def test_what_may_change_compares_and_has_no_hash() -> None:
    @dataclass(slots=True)
    class Changing:
        size: int = 1

    one, other = Changing(), Changing(2)
    one.size += 1

    assert one == other
    assert repr(one).endswith("Changing(size=2)")
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def test_two_types_with_equal_fields_are_not_equal() -> None:
    assert Late("a") != fresh()("a")


def test_a_value_pickles() -> None:
    assert pickle.loads(pickle.dumps(Late("a", size=2))) == Late("a", size=2)  # noqa: S301 - ours


def test_threads_that_ask_at_once_all_get_an_answer() -> None:
    cls = fresh()
    values = [cls("a") for _ in range(8)]
    start, equal = Barrier(8), list[bool]()

    def ask(value: object) -> None:
        start.wait()
        equal.append(value == values[0] and hash(value) == hash(values[0]))

    threads = [Thread(target=ask, args=(value,)) for value in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert equal == [True] * 8


def test_what_is_not_that_simple_is_completed_at_once() -> None:
    @dataclass(frozen=True, slots=True)
    class Counted:
        names: tuple[str, ...]
        count: int = field(init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "count", len(self.names))

    @dataclass(frozen=True, slots=True)
    class Shared:
        limit: ClassVar[int] = 3
        name: str

    assert Counted(("a", "b")).count == 2
    assert (Shared("a").name, Shared.limit) == ("a", 3)
    assert is_complete(Counted)
    assert is_complete(Shared)


def test_a_class_without_slots_is_refused() -> None:
    with pytest.raises(TypeError, match="standard library"):
        dataclass(frozen=True, slots=False)


@pytest.mark.parametrize("cls", [Late, Usual, fresh()], ids=["late", "usual", "fresh"])
def test_what_a_maker_makes_is_what_the_class_makes(cls: Any) -> None:
    made = maker(cls)("a", "u", [1], size=4)

    assert type(made) is cls
    assert made == cls("a", "u", [1], 4)
    assert hash(made) == hash(cls("a", "u", [1], 4))
    with pytest.raises(FrozenInstanceError):
        made.name = "b"


def test_a_maker_wants_every_value() -> None:
    with pytest.raises(TypeError, match="missing"):
        maker(Late)("a")
