"""Which modules are always there together: each module of its own costs a buoy half a KiB.

A chunk holds the modules that the same entries need, so nothing comes into RAM earlier than before,
or twice. Entries are the roots, which stay from the start on, and what is imported inside functions
or named by a string. What others import, or somebody hands about as an object, stays alone, and so
does what that imports.
"""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeGuard

from xunhe_tools.shrink.words import Program

Chunks = dict[str, list[str]]
"""Module that gives a chunk its name → its members, in the order in which they must run."""

Import = tuple[str, str | None, str]
"""Module of the program, name in it or None for the module itself, name where it is imported."""

_Function = ast.FunctionDef | ast.Lambda


def chunks(
    program: Program,
    others: Iterable[ast.Module],
    roots: Sequence[str],
    apart: Collection[str] = (),
) -> Chunks:
    """Every module in one chunk; what several roots need is in the first one's.

    Those of `apart` stay alone: they come only while all that they import is there.
    """
    below = {
        name: set(_imported(_outside_functions(tree), program))
        for name, tree in program.items()
        if name not in apart
    }
    below = {name: needed | _packages(name, program) for name, needed in below.items()}
    order = _in_order(below)
    reach = {name: _reached(name, below) for name in order}
    alone = {module for tree in others for module in _imported(ast.walk(tree), below)}
    alone |= {module for tree in program.values() for module in objects(tree, program)}
    # What one of those imports must not lie in a chunk that imports it.
    alone = {module for name in alone - set(roots) for module in reach[name]}
    entries = [*alone, *_lazy(program, below)]
    homes: dict[object, list[str]] = defaultdict(list)
    for name in order:
        root = next((root for root in roots if name in reach.get(root, ())), None)
        users = frozenset(entry for entry in entries if name in reach[entry])
        homes[name if name in alone else root or users or name].append(name)
    joined = {_head(members, [*roots, *entries]): members for members in homes.values()}
    return joined | {name: [name] for name in apart}


def imports(node: ast.AST, program: Collection[str]) -> Iterator[Import]:
    """What a node imports from the program, if it is an import statement."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name in program:
                yield alias.name, None, alias.asname or alias.name
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            path, here = f"{node.module}.{alias.name}", alias.asname or alias.name
            if path in program:
                yield path, None, here
            elif node.module is not None and node.module in program:
                yield node.module, alias.name, here


def _imported(nodes: Iterable[ast.AST], program: Collection[str]) -> Iterator[str]:
    return (module for node in nodes for module, _, _ in imports(node, program))


def _outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        if not isinstance(child, _Function):
            yield child
            yield from _outside_functions(child)


def _packages(name: str, program: Program) -> set[str]:
    """The packages that a module lies in: they are run before it."""
    parts = name.split(".")
    return {".".join(parts[:size]) for size in range(1, len(parts))} & set(program)


def _lazy(program: Program, below: dict[str, set[str]]) -> list[str]:
    """Modules that functions import or call by name, or that some string means and nobody imports.

    A string means a module by its path or the end of it.
    """
    nodes = [node for tree in program.values() for node in ast.walk(tree)]
    found = {m for tree in program.values() for m in _imported(_in_functions(tree), program)}
    imported = set().union(*below.values())
    visited = {_visited(node) for node in nodes if _is_visit(node)}
    said = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return [
        name
        for name in below
        if name in found
        or _endings(name) & visited
        or (_endings(name) & said and name not in imported)
    ]


def _is_visit(node: ast.AST) -> TypeGuard[ast.Call]:
    """As visiting.call(module, function, …)."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "visiting.call"


def _visited(node: ast.Call) -> str:
    module = node.args[0]
    if isinstance(module, ast.Constant) and isinstance(module.value, str):
        return module.value
    raise SyntaxError(f"visiting.call({ast.unparse(module)}, …) must name the module literally")


def _endings(name: str) -> set[str]:
    parts = name.split(".")
    return {".".join(parts[at:]) for at in range(1, len(parts))}


def _in_functions(tree: ast.AST) -> Iterator[ast.AST]:
    functions = (node for node in ast.walk(tree) if isinstance(node, _Function))
    return (node for function in functions for node in ast.walk(function))


def objects(tree: ast.AST, program: Program) -> Iterator[str]:
    """Modules that are used otherwise than to reach into them."""
    nodes = list(ast.walk(tree))
    here = {name: module for node in nodes for module, of, name in imports(node, program) if not of}
    inside = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in here and id(node) not in inside:
            yield here[node.id]


def _reached(name: str, below: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(below[one])
    return found


def _in_order(below: dict[str, set[str]]) -> list[str]:
    """Each module behind those that it imports."""
    order: dict[str, None] = {}

    def put(name: str) -> None:
        if name not in order and name not in begun:
            begun.add(name)
            for one in sorted(below[name]):
                put(one)
            order[name] = None

    begun: set[str] = set()
    for name in sorted(below):
        put(name)
    return list(order)


def _head(members: list[str], entries: Collection[str]) -> str:
    """The member that is imported from outside the chunk by its name, or else the last to run."""
    return next((name for name in reversed(members) if name in entries), members[-1])
