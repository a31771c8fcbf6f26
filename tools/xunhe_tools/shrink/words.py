"""The words of a program: what its modules say and what they define. Shared by the passes."""

import ast
from collections.abc import Iterator

Program = dict[str, ast.Module]
"""Dotted module name → tree."""

FIELDS = ("id", "attr", "name", "arg", "asname")
"""Where nodes keep identifiers; the name of an alias is a path and no identifier."""


def said(tree: ast.AST) -> Iterator[str]:
    """Every identifier as often as it is written, parts of paths and strings included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.alias):
            yield from node.name.split(".")
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from node.module.split(".")
        if isinstance(node, ast.Global):
            yield from node.names
        yield from (word for field in FIELDS if (word := identifier(node, field)) is not None)
    yield from strings(tree)


def identifier(node: ast.AST, field: str) -> str | None:
    """What a node says in one of FIELDS, if it has it."""
    word = getattr(node, field, None)
    is_path = isinstance(node, ast.alias) and field == "name" and "." in node.name
    return word if isinstance(word, str) and not is_path else None


def strings(tree: ast.AST) -> Iterator[str]:
    """The strings that could be identifiers."""
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str) and value.isidentifier():
            yield value


def given(tree: ast.Module) -> Iterator[str]:
    """What a module defines for others to see: functions, classes, attributes, variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        if isinstance(node, ast.Module | ast.ClassDef):
            yield from _assigned(node.body)


def parameters(tree: ast.AST) -> Iterator[str]:
    """The names of all parameters."""
    return (node.arg for node in ast.walk(tree) if isinstance(node, ast.arg))


def _assigned(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                yield from (one.id for one in ast.walk(target) if isinstance(one, ast.Name))
