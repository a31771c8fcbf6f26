"""Drops what a program never names: functions, methods, classes, variables and imports.

Names are compared, not scopes: what is written anywhere, be it in a string, stays. Names with two
underscores on both sides are Python's and stay.
"""

import ast
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from typing import TypeGuard

from xunhe_tools.shrink.words import Program, is_pythons, said

Definition = ast.FunctionDef | ast.ClassDef


def drop(program: Program, others: Sequence[ast.Module]) -> None:
    """Until nothing more can go; what `others` say stays."""
    said_outside = Counter(word for tree in others for word in said(tree))
    before = -1
    while before != _size(program):
        before = _size(program)
        words = said_outside + Counter(w for tree in program.values() for w in _words(tree))
        reached = {word for tree in program.values() for word in _reached(tree)}
        taken = [pair for tree in (*program.values(), *others) for pair in _imported(tree)]
        for name, tree in program.items():
            wanted = reached | _read(tree) | {word for module, word in taken if module == name}
            _Dropper(program, words, wanted).visit(tree)


def strip(tree: ast.Module) -> None:
    """What people read: docstrings, annotations, __repr__. Words there are not of the program."""
    for node in ast.walk(tree):
        if _has_docstring(node):
            node.body[0] = ast.Pass()
        if isinstance(node, ast.ClassDef):
            node.body = [one for one in node.body if getattr(one, "name", "") != "__repr__"]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    _Unannotate().visit(tree)


def _has_docstring(node: ast.AST) -> TypeGuard[ast.Module | ast.FunctionDef | ast.ClassDef]:
    if not isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
        return False
    return ast.get_docstring(node, clean=False) is not None


class _Unannotate(ast.NodeTransformer):
    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        if node.value is None:
            return None
        return ast.copy_location(ast.Assign([node.target], node.value), node)


def _size(program: Program) -> int:
    return sum(1 for tree in program.values() for _ in ast.walk(tree))


def _words(tree: ast.AST) -> Iterator[str]:
    """Every name that is used, not those that are only given."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield from node.name.split(".")
        elif isinstance(node, ast.keyword) and node.arg is not None:
            yield node.arg
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Global):
            yield from node.names


def _read(tree: ast.AST) -> set[str]:
    """The variables that a module reads."""
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _is_load(n)}


def _reached(tree: ast.AST) -> Iterator[str]:
    """What a module takes out of objects, modules among them."""
    return (node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def _imported(tree: ast.AST) -> Iterator[tuple[str | None, str]]:
    """(module, name) of what it takes out of modules by an import statement."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module, alias.name) for alias in node.names)


def _is_load(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Store)


class _Dropper(ast.NodeTransformer):
    def __init__(
        self, modules: Container[str | None], words: Counter[str], wanted: set[str]
    ) -> None:
        self._modules = modules
        self._words = words
        self._wanted = wanted  # names that an import statement here may give

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt | None:
        return self._kept(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt | None:
        return self._kept(node)

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | None:
        """Of a variable that nothing reads, as far as making its value changes nothing else."""
        if len(node.targets) > 1 or not _is_data(node.value):
            return node
        target = node.targets[0]
        is_unread = isinstance(target, ast.Name) and self._is_unused(target.id, node)
        return None if is_unread else node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt | None:
        """Of the program's own modules: a library may do something when it is imported."""
        if node.module in self._modules:
            node.names = [a for a in node.names if (a.asname or a.name) in self._wanted]
        return node if node.names else None

    def _kept(self, node: Definition) -> ast.stmt | None:
        if not is_pythons(node.name) and self._is_unused(node.name, node):
            return None
        self.generic_visit(node)
        if not node.body:
            node.body.append(ast.Pass())
        return node

    def _is_unused(self, name: str, node: ast.stmt) -> bool:
        inside = sum(word == name for word in _words(node))
        return self._words[name] <= inside


def _is_data(node: ast.expr) -> bool:
    return all(
        isinstance(part, ast.Constant | ast.Tuple | ast.List | ast.Dict | ast.expr_context)
        for part in ast.walk(node)
    )
