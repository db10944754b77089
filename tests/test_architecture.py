"""The house: imports point down, never sideways or up, and each library has one home."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "reconciler"

# A room may import rooms of lower floors, and itself.
FLOORS = [
    {"model", "errors", "places", "urls", "secrets", "schemas", "__init__"},
    {"state", "manifest", "partner", "logs"},
    {"evidence", "differences"},  # weighs a State against an Account
    {"actions", "checksum"},
    {
        "plan",
        "sandbox",
        "takeover",
    },  # plan compares a State; the sandbox reads scripts as manifests are read
    {"results"},
    {"apply", "report"},
    {"cli"},
    {"__main__"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
WITHIN_A_FLOOR = {
    ("model", "secrets"),  # a token is a secret
    ("places", "errors"),
    ("urls", "errors"),
    ("evidence", "differences"),  # settings that differ are told as records are
}

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
    "segno": {"sandbox", "report"},  # codes to be scanned, and codes that were
    "zxingcpp": {"report"},
    "PIL": {"report"},
    "pyrage": {"state"},
    "obstore": {"state"},
    "prometheus_client": {"report"},
    "jinja2": {"report"},
}
# What comes with a library above and is used beside it, in the same room.
COMPANIONS = {"httpcore": {"httpx"}, "certifi": {"httpx"}}

Import = tuple[Path, int, str]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports() -> list[Import]:
    return [found for path in sorted(PACKAGE.rglob("*.py")) for found in _imports_of(path)]


def _imports_of(path: Path) -> Iterator[Import]:
    for node in ast.walk(tree_of(path)):
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


def test_there_are_few_locks_and_each_says_what_it_protects() -> None:
    """More of them would mean that a thread has no owner."""
    locks = [
        f"{path.relative_to(PACKAGE)}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.rstrip().partition("  #")[0].endswith(("Lock()", "Condition()"))
    ]

    assert 0 < len(locks) <= 6, locks
    assert [line for line in locks if "  # " not in line] == []


@pytest.mark.parametrize(
    "module", ["plan", "takeover", "actions", "differences", "results", "model", "evidence"]
)
def test_the_middle_is_pure(module: str) -> None:
    """No clock, no environment, no files, no network: nothing that could answer differently."""
    effects = {"os", "time", "random", "pathlib", "socket", "subprocess", "threading"}

    used = {name.split(".")[0] for path, _, name in imports() if room_of(path) == module}

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


# Documented hooks: what a program is invited to set. Everything else in a module is its own.
NO_PRIVATE_NAMES = {"os._exit"}  # documented, in spite of its name
HOOKS = {"sys.stdout", "sys.stderr", "sys.excepthook", "sys.unraisablehook", "threading.excepthook"}


def test_no_module_of_others_is_changed_replaced_or_hidden() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}: {ast.unparse(node)}"
        for path, tree in trees()
        for node in _changed(tree)
        if ast.unparse(node) not in HOOKS
    ]

    assert wrong == []


def _changed(tree: ast.Module) -> Iterator[ast.expr]:
    """What is set or deleted in an imported module, by statement or by a call, in `sys.modules`
    for example."""
    modules = _modules(tree)
    for node in ast.walk(tree):
        match node:
            case (
                ast.Attribute(ctx=ast.Store() | ast.Del())
                | ast.Subscript(ctx=ast.Store() | ast.Del())
            ):
                if _root(node) in modules:
                    yield node
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[ast.Name(id=name), *_]):
                if name in modules:
                    yield node
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="modules"))):
                if ast.unparse(node).startswith("sys.modules.") and "get" not in ast.unparse(node):
                    yield node


def test_no_private_name_of_a_library_is_used() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line}: {name}"
        for path, tree in trees()
        for line, name in _private_names(tree)
        if name not in NO_PRIVATE_NAMES
    ]

    assert wrong == []


def _private_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    foreign = {
        alias.asname or alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and (isinstance(node, ast.Import) or not (node.module or "").startswith("reconciler"))
        for alias in node.names
    }
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, one.name) for one in names if _is_private(one.name))
            case ast.ImportFrom(module=str(module), names=names):
                dotted = [f"{module}.{one.name}" for one in names]
                yield from ((node.lineno, name) for name in dotted if _is_private(name))
            case ast.Attribute(attr=attribute):
                if _is_private(attribute) and _root(node) in foreign:
                    yield node.lineno, ast.unparse(node)


def _is_private(dotted: str) -> bool:
    return any(part.startswith("_") and not part.endswith("__") for part in dotted.split("."))


def _modules(tree: ast.Module) -> set[str]:
    return {
        alias.asname or alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }


def _root(node: ast.expr) -> str | None:
    """The name that a chain of attributes and items begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import sys\nsys.modules['a'] = None", ["sys.modules['a']"]),
        ("import sys\nsys.modules.setdefault('a', 1)", ["sys.modules.setdefault('a', 1)"]),
        ("import sys\ndel sys.modules['a']", ["sys.modules['a']"]),
        ("import httpx\nhttpx.post = print", ["httpx.post"]),
        ("import gc as g\nsetattr(g, 'enable', print)", ["setattr(g, 'enable', print)"]),
        ("import sys\nx = sys.modules['a']\nx.y = 1", []),
    ],
)
def test_a_change_of_a_module_is_seen(source: str, expected: list[str]) -> None:
    assert [ast.unparse(node) for node in _changed(ast.parse(source))] == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import atexit\natexit._run_exitfuncs()", ["atexit._run_exitfuncs"]),
        ("import yaml\nyaml._yaml.CParser", ["yaml._yaml", "yaml._yaml.CParser"]),
        ("from yaml import _yaml", ["yaml._yaml"]),
        ("from httpx import Client\nClient._send", ["Client._send"]),
        ("import reconciler\nself._x = reconciler.__version__", []),
    ],
)
def test_a_private_name_is_seen(source: str, expected: list[str]) -> None:
    found = [name for _, name in _private_names(ast.parse(source))]
    assert found == expected or found == expected[:1]


def test_a_class_name_stands_once() -> None:
    places: dict[str, list[str]] = {}
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(f"{path.relative_to(PACKAGE)}")

    assert {name: where for name, where in places.items() if len(where) > 1} == {}


MOST_LINES_OF_A_FUNCTION = 60  # its docstring and decorators' lines included
MOST_LINES_OF_A_FILE = 350
LONGER = {
    "manifest/reader.py": 380,  # one machine that walks the parser's events
    "model.py": 430,  # the nouns of the whole package, one after the other
}


def test_a_function_is_one_idea_long() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}: {node.name} has {length} lines"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := _length(node)) > MOST_LINES_OF_A_FUNCTION
    ]

    assert wrong == []


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = min(part.lineno for part in (node, *node.decorator_list))
    return (node.end_lineno or 0) - first + 1


def test_a_file_is_one_idea_long() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}

    assert {
        f"{path.relative_to(PACKAGE)}": length
        for path, length in lengths.items()
        if length > LONGER.get(f"{path.relative_to(PACKAGE)}", MOST_LINES_OF_A_FILE)
    } == {}


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, tree_of(path)


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
