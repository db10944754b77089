"""Without libyaml the pure parser reads the same corpus to the same end."""

from pathlib import Path

import pytest

from reconciler.manifest.document import PlacedDict, PlacedList
from reconciler.manifest.pure import PureParser
from reconciler.manifest.reader import read
from reconciler.manifest.source import Source, decode

DATA = Path(__file__).parents[1] / "data"
SOURCES = [decode(path.name, path.read_bytes()) for path in sorted(DATA.glob("*valid/*.yaml"))]


@pytest.mark.parametrize(
    "source", [item for item in SOURCES if isinstance(item, Source)], ids=lambda item: item.path
)
def test_both_parsers_agree_on_the_corpus(source: Source) -> None:
    pure, fast = read(source, parser=PureParser), read(source)

    assert pure.root == fast.root
    assert [problem.rule for problem in pure.problems] == [p.rule for p in fast.problems]
    assert marks(pure.root) == marks(fast.root)


def marks(value: object) -> object:
    """Return the places of *value* and of all that stands in it."""
    match value:
        case PlacedDict():
            return value.marks, [marks(item) for item in value.values()]
        case PlacedList():
            return value.marks, [marks(item) for item in value]
        case _:
            return None
