"""The house: imports point down, never sideways or up, and each library has one home."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "reconciler"

# A room may import rooms of lower floors, and itself.
FLOORS = [
    {"model", "errors", "secrets", "schemas", "__init__"},
    {"state", "manifest", "partner", "logs"},
    {"plan", "sandbox"},  # plan compares a State; the sandbox reads scripts as manifests are read
    {"results"},
    {"apply", "report"},
    {"cli"},
    {"__main__"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
WITHIN_A_FLOOR = {("model", "secrets")}  # a token is a secret

HOMES = {
    "click": {"cli"},
    "yaml": {"manifest"},
    "jsonschema": {"schemas"},
    "jsonschema_rs": {"schemas"},
    "httpx": {"partner"},
    "structlog": {"logs"},
    "rich": {"cli"},
    "starlette": {"sandbox"},
    "uvicorn": {"sandbox"},
    "pyrage": {"state"},
    "prometheus_client": {"report"},
}
# What comes with a library above and is used beside it, in the same room.
COMPANIONS = {"httpcore": {"httpx"}, "certifi": {"httpx"}}

Import = tuple[Path, int, str]


def imports() -> list[Import]:
    return [found for path in sorted(PACKAGE.rglob("*.py")) for found in _imports_of(path)]


def _imports_of(path: Path) -> Iterator[Import]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((path, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield path, node.lineno, node.module or ""


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def target_room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def test_every_room_stands_on_a_floor() -> None:
    assert {room_of(path) for path in PACKAGE.rglob("*.py")} == set(FLOOR)


def test_imports_point_down() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line} imports {module}"
        for path, line, module in imports()
        if module.split(".")[0] == "reconciler"
        for here, there in [(room_of(path), target_room(module))]
        if here != there and FLOOR[there] >= FLOOR[here] and (here, there) not in WITHIN_A_FLOOR
    ]

    assert wrong == []


def test_each_library_has_one_home() -> None:
    known = sys.stdlib_module_names | {"reconciler"}
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line} imports {library}"
        for path, line, module in imports()
        for library in [module.split(".")[0]]
        if library not in known and room_of(path) not in _homes(library)
    ]

    assert wrong == []


def _homes(library: str) -> set[str]:
    hosts = COMPANIONS.get(library, {library})
    return {home for host in hosts for home in HOMES.get(host, set())}


@pytest.mark.parametrize("module", ["plan", "results", "model"])
def test_the_middle_is_pure(module: str) -> None:
    """No clock, no environment, no files, no network: nothing that could answer differently."""
    effects = {"os", "time", "datetime", "random", "pathlib", "socket", "subprocess", "threading"}

    used = {name.split(".")[0] for path, _, name in imports() if path == PACKAGE / f"{module}.py"}

    assert used.isdisjoint(effects)


def test_the_schema_is_the_only_place_that_names_parameters() -> None:
    import json

    schema = json.loads((PACKAGE.parent / "schema" / "manifest.schema.json").read_text("utf-8"))
    names = _parameter_names(schema)
    texts = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    wrong = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path, text in texts.items()
        for name in names
        if f'"{name}"' in text
    ]

    assert len(names) >= 17
    assert wrong == []


def _parameter_names(schema: object) -> set[str]:
    found: set[str] = set()
    stack = [schema]
    while stack:
        match stack.pop():
            case dict() as node:
                properties = node.get("properties")
                if isinstance(properties, dict) and "webhookUrl" in properties:
                    found |= set(properties)
                stack += node.values()
            case list() as nodes:
                stack += nodes
    return found - {"name"}
