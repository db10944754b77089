"""Data classes that are completed only when somebody asks for more than their fields.

The standard library writes six methods for each class as text and compiles them, at every start:
half a millisecond a class, and a plan meets fifty of them: a quarter of a run that has nothing to
do. Most have no instance in such a run, and hardly any instance is compared, printed or hashed.
So a class begins with what costs nothing: its slots, the refusal of changes, and an `__init__`
that takes right arguments. Whatever else is asked of it (`==`, `hash`, `repr`, a copy, `fields`
and `replace` of the standard library, the words for wrong arguments) brings in what the standard
library makes of the class, and that stays.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, ParamSpec, TypeVar, cast

from reconciler.spared import spared

with spared("inspect"):  # for the docstrings of classes that have none
    from dataclasses import MISSING, Field, FrozenInstanceError
    from dataclasses import dataclass as at_once

__all__ = ["dataclass", "maker"]

P = ParamSpec("P")
T = TypeVar("T")
Complete = Callable[[], None]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, slots: bool, frozen: bool = False) -> Callable[[type[T]], type[T]]:
        """Do what `dataclasses.dataclass` does, later; *slots* are what every class has here."""
        if not slots:
            raise TypeError("a class without slots is one for the standard library")

        def decorate(cls: type[T]) -> type[T]:
            return _late(cls, frozen) if _simple(cls) else at_once(frozen=frozen, slots=True)(cls)

        return decorate


def maker(cls: Callable[P, T]) -> Callable[P, T]:
    """Return what makes instances of *cls*, of all their values, in half the time.

    For where there are ten thousands. What can't be changed is filled by a detour around
    its refusal, field by field. So a twin that does not refuse is filled, and becomes a *cls*.
    """
    fields = dict.fromkeys(cast(Any, cls).__slots__, object)
    bare = type("Twin", (), {"__doc__": "Becomes another.", "__annotations__": fields})
    twin: Any = at_once(slots=True, init=True, repr=False, eq=False, match_args=False)(bare)

    def make(*values: P.args, **named: P.kwargs) -> T:
        made = twin(*values, **named)
        made.__class__ = cls
        return cast(T, made)

    return make


def _simple(cls: type) -> bool:
    """Whether what is annotated are the fields, and just these are what `__init__` takes."""
    own = vars(cls).values()
    return (
        not hasattr(cls, "__post_init__")
        and not hasattr(cls, "__dataclass_fields__")
        and all(getattr(a, "__origin__", a) is not ClassVar for a in cls.__annotations__.values())
        and all(each.init and each.kw_only is MISSING for each in own if isinstance(each, Field))
    )


_OFTEN: Final = 100  # instances of whose arguments each takes ten times as long to sort out
_ASKED_FOR: Final = ("__repr__", "__eq__", "__hash__", "__getstate__", "__setstate__")
_ASKED_OF_ALL: Final = _ASKED_FOR[:2]  # the others are for what can't change
_DESCRIBING: Final = ("__dataclass_fields__", "__dataclass_params__")


def _late(cls: Any, frozen: bool) -> Any:
    names = tuple(cls.__annotations__)
    typed = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__")}
    body = {name: value for name, value in typed.items() if name not in names}
    late = _made(cls, body | {"__slots__": names, "__match_args__": names})

    def complete() -> None:  # several threads may come here at once: each brings the same
        whole = at_once(frozen=frozen, slots=True)(_made(cls, typed))
        for name in ("__init__", *_ASKED_FOR, *_DESCRIBING):
            if name in vars(whole) and name not in typed:
                setattr(late, name, vars(whole)[name])

    late.__init__ = _init(late, names, typed, complete)
    for name in _ASKED_FOR if frozen else _ASKED_OF_ALL:
        if name not in typed:
            setattr(late, name, _asking(name, complete))
    for name in _DESCRIBING:
        setattr(late, name, _Described(name, complete))
    if frozen:
        late.__setattr__, late.__delattr__ = _assign, _delete
    else:
        late.__hash__ = None
    return late


def _made(cls: Any, body: Mapping[str, Any]) -> Any:
    made = type(cls)(cls.__name__, cls.__bases__, dict(body))
    made.__qualname__ = cls.__qualname__
    return made


def _init(
    late: Any, names: tuple[str, ...], typed: Mapping[str, Any], complete: Complete
) -> Callable[..., None]:
    setters = [vars(late)[name].__set__ for name in names]
    count, sorted_out = len(names), 0

    def init(self: Any, /, *given: Any, **named: Any) -> None:
        nonlocal sorted_out
        values = given
        if named or len(given) != count:
            values = _in_order(names, typed, given, named)
            sorted_out += 1
            if sorted_out == _OFTEN:
                complete()
            if len(values) != count:
                complete()
                late.__init__(self, *given, **named)  # says what is wrong
        for put, value in zip(setters, values):  # noqa: B905 - they are as many, and asking costs
            put(self, value)

    init.__name__ = "__init__"
    return init


def _in_order(
    names: tuple[str, ...], typed: Mapping[str, Any], given: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Any, ...]:
    """Return a value for each of *names*; more or fewer, if the arguments are wrong."""
    rest = names[len(given) :]
    if not named.keys() <= set(rest):
        return ()
    left = [named[name] if name in named else _default(typed.get(name, MISSING)) for name in rest]
    return (*given, *(value for value in left if value is not MISSING))


def _default(typed: Any) -> Any:
    if not isinstance(typed, Field):
        return typed
    return typed.default if typed.default_factory is MISSING else typed.default_factory()


def _asking(name: str, complete: Complete) -> Callable[..., Any]:
    def asked(self: Any, *args: Any) -> Any:
        complete()
        return getattr(type(self), name)(self, *args)

    return asked


class _Described:
    """Stands in for what the standard library says about a class."""

    def __init__(self, name: str, complete: Complete) -> None:
        self._name, self._complete = name, complete

    def __get__(self, instance: object, owner: type) -> Any:
        self._complete()
        return getattr(owner, self._name)


def _assign(self: object, name: str, value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delete(self: object, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")
