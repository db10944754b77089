"""Makes programs that are wrong in one small way each: what no test notices, nothing holds."""

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_Path = tuple[tuple[str, int | None], ...]  # from the module down: which field, which of a list


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong program, named by its *change*.

    A change says where it is (class and function) and what it does, by the code itself, so that it
    keeps its name when lines move.
    """

    change: str
    _right: ast.Module
    _path: _Path
    _wrong: ast.AST

    @property
    def source(self) -> str:
        """The whole module, with this one mistake."""
        tree = copy.deepcopy(self._right)
        _put(tree, self._path, self._wrong)
        return ast.unparse(ast.fix_missing_locations(tree))


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module's *source*."""
    tree = ast.parse(source)
    seen: Counter[str] = Counter()
    for path, node in _walk(tree, ()):
        for wrong in _changes(node):
            name = f"{_scope(tree, path)}: {_short(node)} -> {_short(wrong)}"
            seen[name] += 1
            again = f" ({seen[name]})" if seen[name] > 1 else ""
            yield Mutant(name + again, tree, path, wrong)


_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


def _walk(node: ast.AST, path: _Path) -> Iterator[tuple[_Path, ast.AST]]:
    """Yield what may be changed below *node*: neither annotations nor docstrings."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "bases", "type_params", "pattern"}:
            continue
        each = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, child in each:
            if isinstance(child, ast.AST) and not _is_docstring(child):
                below = (*path, (name, index))
                yield below, child
                yield from _walk(child, below)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[ast.AST]:  # noqa: C901, PLR0912 - a branch a kind
    match node:
        case ast.Compare(left, [operator], [right]):
            yield ast.Compare(left, [_COMPARED[type(operator)]()], [right])
        case ast.BoolOp(ast.And(), values):
            yield ast.BoolOp(ast.Or(), values)
        case ast.BoolOp(ast.Or(), values):
            yield ast.BoolOp(ast.And(), values)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.If(ast.Name("TYPE_CHECKING")):
            pass  # what no run imports
        case ast.If(test, body, orelse) | ast.While(test, body, orelse):
            if not isinstance(test, ast.Compare | ast.UnaryOp):
                yield type(node)(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.Expr(ast.Call(called)) if _is_only_told(called):
            pass
        case ast.Expr(ast.Call()) | ast.Assign([ast.Attribute()]) | ast.AugAssign():
            yield ast.Pass()
        case ast.Break() | ast.Continue():
            yield ast.Pass()
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield ast.Constant(value + 1)


def _is_only_told(called: ast.expr) -> bool:
    """Whether a call does nothing to anybody: a log line, or what is never reached."""
    match called:
        case ast.Attribute(ast.Name("log") | ast.Attribute(attr="log" | "_log")):
            return True
        case _:
            return isinstance(called, ast.Name) and called.id == "assert_never"


def _put(tree: ast.AST, path: _Path, node: ast.AST) -> None:
    here: ast.AST = tree
    for name, index in path[:-1]:
        value = getattr(here, name)
        here = value if index is None else value[index]
    name, index = path[-1]
    if index is None:
        setattr(here, name, node)
    else:
        getattr(here, name)[index] = node


def _scope(tree: ast.AST, path: _Path) -> str:
    names, here = [], tree
    for name, index in path:
        value = getattr(here, name)
        here = value if index is None else value[index]
        if isinstance(here, ast.ClassDef | ast.FunctionDef):
            names.append(here.name)
    return ".".join(names) or "module"


def _short(node: ast.AST) -> str:
    """Return the first line of *node*, which is enough to find it."""
    return ast.unparse(node).split("\n", maxsplit=1)[0][:100]
