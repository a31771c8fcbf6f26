"""Makes one module of those that are always there together; chunks.py says which.

The module that gives the chunk its name keeps its names, for whoever imports it. A name of another
member stays too where no member uses the word for something else; otherwise the member's own name
is put before it.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from xunhe_tools.shrink.chunks import Chunks, imports
from xunhe_tools.shrink.words import Program, at_top, bound, local

Statement = ast.Import | ast.ImportFrom

Origin = tuple[str, str | None]
"""Module, and the name in it; None: the module itself."""


class JoinError(ValueError):
    """A module that cannot become a part of another; the message says what to rename."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a module went: its chunk, and what its names are called there."""

    chunk: str
    names: dict[str, str]


def join(program: Program, chunks: Chunks) -> dict[str, str]:
    """Put the chunks in the place of their members; returns {member: chunk}."""
    places: dict[str, _Place] = {}
    for head, members in chunks.items():
        names = _names(head, members, program)
        places.update((member, _Place(head, names[member])) for member in members)
    joined = {}
    for head, members in chunks.items():
        parts = [_Joiner(member, program, places).visit(program[member]) for member in members]
        joined[head] = ast.Module(_once([one for part in parts for one in part.body]), [])
    program.clear()
    program.update(joined)
    return {member: place.chunk for member, place in places.items()}


def _names(head: str, members: list[str], program: Program) -> dict[str, dict[str, str]]:
    """Member → {name: name in the chunk}, of what each defines or imports from elsewhere."""
    origins = {member: _origins(member, members, program) for member in members}
    foreign = {member: _foreign(member, members, program) for member in members}
    taken = dict(origins[head])
    names = {head: {name: name for name in origins[head]}}
    for member in members:
        if member == head:
            continue
        others = [other for other in members if other != member]
        names[member] = {}
        for name, origin in origins[member].items():
            rivals = [other for other in others if origins[other].get(name) != origin]
            is_free = taken.get(name, origin) == origin
            is_free = is_free and not any(name in foreign[other] for other in rivals)
            fresh = name if is_free else _prefixed(name, member)
            if taken.setdefault(fresh, origin) != origin:
                raise JoinError(f"{member}: rename {name}, {fresh} is taken")
            names[member][name] = fresh
    return names


def _prefixed(name: str, member: str) -> str:
    return "_" * name.startswith("_") + member.rpartition(".")[2] + "_" + name.lstrip("_")


def _origins(member: str, members: list[str], program: Program) -> dict[str, Origin]:
    """Name at the top of a member → what it is; not what other members give it."""
    found: dict[str, Origin] = {name: (member, name) for name in bound(program[member])}
    for node in at_top(program[member]):
        for alias, origin in _imported(node):
            found[alias] = origin
        for module, name, alias in imports(node, program):
            found[alias] = module, name
            if module in members:
                del found[alias]
    return found


def _imported(node: ast.AST) -> Iterator[tuple[str, Origin]]:
    if isinstance(node, ast.Import):
        yield from ((alias.asname or alias.name, (alias.name, None)) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name, (node.module or "", alias.name)


def _foreign(member: str, members: list[str], program: Program) -> set[str]:
    """The words that a member uses for locals, builtins or what it defines or imports itself."""
    tree = program[member]
    given = {
        alias
        for node in ast.walk(tree)
        for module, _, alias in imports(node, program)
        if module in members
    }
    read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    return local(tree) | (read - given) | set(_origins(member, members, program))


def _with_names(node: Statement, names: list[ast.alias]) -> Statement:
    if isinstance(node, ast.Import):
        return ast.Import(names)
    return ast.ImportFrom(node.module, names, 0)


def _once(body: list[ast.stmt]) -> list[ast.stmt]:
    """Several members import the same."""
    seen: set[str] = set()
    kept = []
    for statement in body:
        text = ast.unparse(statement) if isinstance(statement, Statement) else ""
        if text not in seen or not text:
            kept.append(statement)
        seen.add(text)
    return kept


class _Joiner(ast.NodeTransformer):
    """Makes a member part of its chunk: names and imports."""

    def __init__(self, member: str, program: Program, places: dict[str, _Place]) -> None:
        self._member = member
        self._program = program
        self._places = places
        self._chunk = places[member].chunk
        self._names = {old: new for old, new in places[member].names.items() if old != new}
        self._modules: dict[str, str] = {}  # name here → module of the program
        self._depth = 0  # of functions and classes
        for node in ast.walk(program[member]):
            for module, name, alias in imports(node, program):
                self._learn(module, name, alias)
        self._check(program[member])

    def _learn(self, module: str, name: str | None, alias: str) -> None:
        place = self._places[module]
        if name is None:
            self._modules[alias] = module
        elif place.chunk == self._chunk:
            self._names[alias] = place.names[name]

    def _check(self, tree: ast.Module) -> None:
        replaced = self._modules.keys() | {old for old, new in self._names.items() if old != new}
        if both := replaced & local(tree):
            raise JoinError(f"{self._member}: rename the local variables {sorted(both)}")

    def visit_Name(self, node: ast.Name) -> ast.expr:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        module = self._modules.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if module is None:
            self.generic_visit(node)
            return node
        place = self._places[module]
        name = place.names.get(node.attr, node.attr)  # not there: what a module finds elsewhere
        if place.chunk == self._chunk:
            return ast.Name(name, node.ctx)
        node.attr = name
        self.generic_visit(node)
        return node

    def visit_Global(self, node: ast.Global) -> ast.stmt:
        node.names = [self._names.get(name, name) for name in node.names]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return self._definition(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        return self._definition(node)

    def _definition(self, node: ast.FunctionDef | ast.ClassDef) -> ast.stmt:
        if not self._depth:
            node.name = self._names.get(node.name, node.name)
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | None:
        if isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            return None
        self.generic_visit(node)
        return node

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        return [one for alias in node.names if (one := self._import(node, alias)) is not None]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.stmt]:
        """One statement a name: what was one package may have become several chunks."""
        return [one for alias in node.names if (one := self._import(node, alias)) is not None]

    def _import(self, node: Statement, alias: ast.alias) -> ast.stmt | None:
        """The statement for one of its names; None where that is now in this chunk itself."""
        statement = _with_names(node, [alias])
        ours = next(imports(statement, self._program), None)
        if ours is None:
            self._rename(alias)
            return statement
        module, name, here = ours
        place = self._places[module]
        if place.chunk == self._chunk:
            return None
        path = place.chunk if name is None else f"{place.chunk}.{place.names[name]}"
        source, _, leaf = path.rpartition(".")
        alias.name, alias.asname = leaf, here
        self._rename(alias)
        return ast.ImportFrom(source, [alias], 0) if source else ast.Import([alias])

    def _rename(self, alias: ast.alias) -> None:
        here = alias.asname or alias.name
        new = here if self._depth else self._names.get(here, here)
        alias.asname = None if new == alias.name else new
