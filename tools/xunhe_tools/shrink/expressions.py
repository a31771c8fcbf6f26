"""Puts the expression that a function returns where the function is called.

A function, method or property whose body is one expression costs more than what it says. It goes
where every call of it can be found: its name means nothing else in the program, and its arguments
may be written down as often as it uses them. unused.py drops what nobody calls any more.
"""

import ast
import copy
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from xunhe_tools.shrink.chunks import objects
from xunhe_tools.shrink.outside import kept
from xunhe_tools.shrink.words import FIELDS, Program, bound, given, local, reached, variables

_SPARED = 60  # nodes of a tree: what a function costs beside its expression
_CLOSED = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Yield)


@dataclass(frozen=True, slots=True)
class Short:
    """A function that is one expression. `module`: where the variables in it must be known."""

    name: str
    kind: type[ast.AST]  # of what stands at a call: Name, Attribute of an object, or a property's
    parameters: list[str]
    expression: ast.expr
    module: str | None


def put_expressions(program: Program, others: Sequence[ast.Module]) -> None:
    """Everywhere in the program, until nothing more can go."""
    names = Counter(word for tree in program.values() for word in given(tree))
    shared = kept(program, others) | {word for word, count in names.items() if count > 1}
    handed = {module for tree in program.values() for module in objects(tree, program)}
    while True:
        shorts = {
            one.name: one
            for name in program
            for one in _shorts(name, program, name in handed)
            if one.name not in shared
        }
        worth = _worth(shorts, program)
        if not worth:
            return
        for tree in program.values():
            _Writer(worth).visit(tree)
        shared.update(worth)


def _shorts(module: str, program: Program, is_object: bool) -> Iterator[Short]:
    tree = program[module]
    for owner in tree.body:
        if isinstance(owner, ast.FunctionDef) and not is_object and not owner.decorator_list:
            yield from _short(owner, ast.Name, module, tree)
        for node in owner.body if isinstance(owner, ast.ClassDef) else ():
            if isinstance(node, ast.FunctionDef):
                is_property = [ast.unparse(one) for one in node.decorator_list] == ["property"]
                if is_property or not node.decorator_list:
                    kind = ast.Attribute if is_property else ast.Call
                    yield from _short(node, kind, module, tree)


def _short(
    node: ast.FunctionDef, kind: type[ast.AST], module: str, tree: ast.Module
) -> Iterator[Short]:
    body = [one for one in node.body if not isinstance(one, ast.Pass)]
    plain = ast.arguments([], node.args.args, None, [], [], None, [])
    if len(body) != 1 or ast.dump(node.args) != ast.dump(plain):
        return
    value = body[0].value if isinstance(body[0], ast.Return) else None
    if value is None or any(isinstance(part, _CLOSED) for part in ast.walk(value)):
        return
    parameters = [one.arg for one in node.args.args]
    free = set(variables(value)) - set(parameters)
    if node.name not in free:
        home = module if free & _known(tree) else None
        yield Short(node.name, kind, parameters, value, home)


def _known(tree: ast.Module) -> set[str]:
    """The variables of a module, imports among them."""
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return bound(tree) | imported


def _worth(shorts: dict[str, Short], program: Program) -> dict[str, Short]:
    """Those whose name stands in calls only that can be replaced, and which saves RAM.

    One that says another waits for the next turn.
    """
    said: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    for module, tree in program.items():
        for node, names in _with_locals(tree):
            words = {getattr(node, field, None) for field in FIELDS}
            said.update(word for word in words if word in shorts)
            short = _called(node, shorts)
            if short is not None and _is_reachable(short, module, names):
                calls[short.name] += 1
    return {
        name: short
        for name, short in shorts.items()
        if said[name] == calls[name] + 1
        and (calls[name] - 1) * _size(short.expression) < _SPARED
        and not shorts.keys() & set(reached(short.expression))
    }


def _size(node: ast.expr) -> int:
    return sum(1 for _ in ast.walk(node))


def _called(node: ast.AST, shorts: dict[str, Short]) -> Short | None:
    """What a node calls, if the call can be replaced."""
    function = node.func if isinstance(node, ast.Call) else node
    short = shorts.get(getattr(function, "attr", getattr(function, "id", "")))
    return short if short is not None and _arguments(node, short) is not None else None


def _is_reachable(short: Short, module: str, names: Collection[str]) -> bool:
    free = set(variables(short.expression)) - set(short.parameters)
    return short.module in (None, module) and not free & set(names)


def _with_locals(tree: ast.Module) -> Iterator[tuple[ast.AST, set[str]]]:
    """Every node with the local variables of the function that it stands in."""
    for node in ast.iter_child_nodes(tree):
        names = local(node) if not isinstance(node, ast.ClassDef) else set()
        if isinstance(node, ast.ClassDef):
            yield from _with_locals(ast.Module(node.body, []))
        else:
            yield from ((one, names) for one in ast.walk(node))


def _arguments(node: ast.AST, short: Short) -> list[ast.expr] | None:
    """What stands for the parameters, where the node is a call that can be replaced."""
    found: list[ast.expr] | None = None
    if short.kind is ast.Attribute:
        if isinstance(node, ast.Attribute) and node.attr == short.name:
            found = [node.value] if isinstance(node.ctx, ast.Load) else None
    elif isinstance(node, ast.Call) and not node.keywords:
        if short.kind is ast.Name and getattr(node.func, "id", None) == short.name:
            found = node.args
        elif short.kind is ast.Call and isinstance(node.func, ast.Attribute):
            found = [node.func.value, *node.args] if node.func.attr == short.name else None
    if found is None or len(found) != len(short.parameters):
        return None
    said = Counter(variables(short.expression))
    once = set() if _may_skip(short.expression) else {word for word in said if said[word] == 1}
    pairs = zip(found, short.parameters, strict=True)
    return found if all(_is_simple(one) or name in once for one, name in pairs) else None


def _may_skip(node: ast.expr) -> bool:
    """Not all of it is looked at whatever the values are."""
    return any(isinstance(part, ast.BoolOp | ast.IfExp | ast.Compare) for part in ast.walk(node))


def _is_simple(node: ast.expr) -> bool:
    """Looking twice gives the same and costs little."""
    if isinstance(node, ast.Attribute):
        return _is_simple(node.value)
    return isinstance(node, ast.Name | ast.Constant)


class _Writer(ast.NodeTransformer):
    def __init__(self, shorts: dict[str, Short]) -> None:
        self._shorts = shorts

    def visit(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        short = _called(node, self._shorts)
        found = None if short is None else _arguments(node, short)
        if short is None or found is None:
            return node
        values = dict(zip(short.parameters, found, strict=True))
        filled: ast.AST = _Filler(values).visit(copy.deepcopy(short.expression))
        return filled


class _Filler(ast.NodeTransformer):
    def __init__(self, values: dict[str, ast.expr]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self._values.get(node.id)
        return node if value is None else copy.deepcopy(value)
