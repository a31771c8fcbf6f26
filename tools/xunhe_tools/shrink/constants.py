"""Puts module constants where they are used.

A constant is a name in capitals that its module sets once, outside any function, to a literal or
to what follows from other constants: numbers, None, short strings. Whatever else is written in
capitals (tables, long strings) stays a variable, so that it exists once.
"""

import ast
import operator
import re
from collections import Counter
from typing import TypeGuard

from xunhe_tools.shrink.words import Program

Value = int | str | None
Constants = dict[tuple[str, str], Value]  # (module, name) → value

_CAPITALS = re.compile(r"_?[A-Z][A-Z0-9_]*")
_SHORT = 10  # characters: mpy-cross makes a name of such a string, which exists once anyway
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.LShift: operator.lshift,
    ast.BitOr: operator.or_,
}


def inline(program: Program) -> None:
    """Replace each use of a constant by its value, in every module."""
    constants: Constants = {}
    while True:
        for name, tree in program.items():
            _Inliner(name, tree, constants).visit(tree)
        found = _found(program)
        if found == constants:
            return
        constants = found


def _found(program: Program) -> Constants:
    return {
        (module, name): value
        for module, tree in program.items()
        for name, value in _constants_of(tree).items()
    }


def _constants_of(tree: ast.Module) -> dict[str, Value]:
    written = Counter(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    values: dict[str, Value] = {}
    for target, value in _assignments(tree):
        constant = value.value if isinstance(value, ast.Constant) else ...
        if _CAPITALS.fullmatch(target) and written[target] == 1 and _is_small(constant):
            values[target] = constant
    return values


def _assignments(tree: ast.Module) -> list[tuple[str, ast.expr]]:
    """(name, value) of what a module sets; `A, B = 1, 2` are two."""
    pairs: list[tuple[str, ast.expr]] = []
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name):
                pairs.append((target.id, node.value))
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                names = [one.id for one in target.elts if isinstance(one, ast.Name)]
                pairs.extend(zip(names, node.value.elts, strict=True))
    return pairs


def _is_small(value: object) -> TypeGuard[Value]:
    if isinstance(value, str):
        return len(value) <= _SHORT
    return value is None or isinstance(value, int)


class _Inliner(ast.NodeTransformer):
    def __init__(self, module: str, tree: ast.Module, constants: Constants) -> None:
        self._constants = constants
        self._names = {name: value for (where, name), value in constants.items() if where == module}
        self._modules: dict[str, str] = {}  # name here → module
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                self._learn(node)

    def _learn(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            here, source = alias.asname or alias.name, (node.module or "", alias.name)
            self._modules[here] = ".".join(source)
            if source in self._constants:
                self._names[here] = self._constants[source]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        node.names = [a for a in node.names if (node.module, a.name) not in self._constants]
        return node if node.names else None

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self._names:
            return ast.Constant(self._names[node.id])
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id in self._modules:
            source = (self._modules[node.value.id], node.attr)
            if source in self._constants:
                return ast.Constant(self._constants[source])
        self.generic_visit(node)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        left, right, combine = _int(node.left), _int(node.right), _OPERATORS.get(type(node.op))
        if combine is None or left is None or right is None:
            return node
        return ast.Constant(combine(left, right))


def _int(node: ast.expr) -> int | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if type(value) is int else None
