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


def is_pythons(name: str) -> bool:
    """Names with two underscores on both sides have a meaning of their own."""
    return name.startswith("__") and name.endswith("__")


def bound(tree: ast.Module) -> set[str]:
    """The variables, functions and classes of a module, imports left out."""
    return {name for node in at_top(tree) for name in _set(node)}


def local(tree: ast.AST) -> set[str]:
    """The variables of all functions and comprehensions in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            body = node.body if isinstance(node, ast.FunctionDef) else [node.body]
            inside = [part for one in body for part in ast.walk(one)]
            elsewhere = {n for part in inside if isinstance(part, ast.Global) for n in part.names}
            found.update({name for part in inside for name in _set(part)} - elsewhere)
        elif isinstance(node, ast.comprehension):
            found.update(name for part in ast.walk(node.target) for name in _set(part))
    return found | set(parameters(tree))


def at_top(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes outside functions, classes and comprehensions; of those the definition alone."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if not isinstance(node, _SCOPES):
            yield from at_top(node)


_SCOPES = (
    *(ast.FunctionDef, ast.ClassDef, ast.Lambda),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


def _set(node: ast.AST) -> Iterator[str]:
    """The variable that a node gives a value."""
    is_stored = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    name = identifier(node, "id" if is_stored else "name")
    if is_stored or isinstance(node, _NAMED):
        yield from () if name is None else (name,)


_NAMED = ast.FunctionDef | ast.ClassDef | ast.ExceptHandler


def reached(tree: ast.AST) -> Iterator[str]:
    """What is looked for in objects, or in a class while it is made, and keywords."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg | ast.keyword) and node.arg is not None:
            yield node.arg
        elif isinstance(node, ast.ClassDef):
            yield from (name for part in _making(node) for name in variables(part))


def _making(node: ast.ClassDef) -> Iterator[ast.AST]:
    """The statements of a class, of its methods what is looked at when they are made."""
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef):
            yield ast.Name(statement.name)
            yield from statement.decorator_list
            yield statement.args
        else:
            yield statement


def variables(tree: ast.AST) -> Iterator[str]:
    """Names that stand alone."""
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def parameters(tree: ast.AST) -> Iterator[str]:
    """The names of all parameters."""
    return (node.arg for node in ast.walk(tree) if isinstance(node, ast.arg))


def _assigned(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                yield from (one.id for one in ast.walk(target) if isinstance(one, ast.Name))
