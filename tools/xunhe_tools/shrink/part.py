"""Puts functions that are seldom needed into files of their own, which come for a call and leave.

One file a group, so that a function that calls another one of its group finds it there. A method
goes by a new name, r3A for the first of file r3, under which its class finds it there
(visiting.py); where its old name is not its alone, a stub stays in its place.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase

from xunhe_tools.shrink.chunks import objects
from xunhe_tools.shrink.outside import kept
from xunhe_tools.shrink.words import Program, bound, given, local, said, variables

Rare = Mapping[str, Mapping[str, str]]
"""Group → module → its functions and methods ("Class.method") that go, between blanks."""

_Origin = tuple[str, str | None]
"""Module, and the name in it; None: the module itself."""

_VISITING = "_visiting"


@dataclass(slots=True)
class Group:
    """A new module, the modules that it is made from, and what its functions were called there."""

    module: str
    homes: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def take(self, home: str, path: str, is_alone: bool) -> str:
        """The new name of a function: a letter, behind the file's name where it is found by it."""
        if home not in self.homes:
            self.homes.append(home)
        if len(self.names) == len(ascii_uppercase):
            raise SyntaxError(f"{home}: {path} finds no letter in its group: make two of it")
        letter = ascii_uppercase[len(self.names)]
        new = self.leaf + letter if is_alone else letter
        self.names[new] = path
        return new

    @property
    def leaf(self) -> str:
        return self.module.rpartition(".")[2]

    @property
    def caller(self) -> ast.Module:
        """A module that names all of its functions, as the visits do without saying so."""
        return ast.parse(f"from {self.module} import {', '.join(self.names)}")


@dataclass(frozen=True, slots=True)
class _Move:
    """Of a function out of a module or one of its classes."""

    home: str
    owner: ast.Module | ast.ClassDef
    function: ast.FunctionDef
    group: Group
    name: str
    new_name: str
    is_alone: bool  # with its name: objects find it by the new one


def part(program: Program, others: Sequence[ast.Module], rare: Rare) -> list[Group]:
    """Move them into new modules of the program. SyntaxError says what cannot be moved."""
    if not rare:
        return []
    visiting = next(name for name in program if name.endswith(".visiting"))
    moves = list(_moves(program, others, rare, visiting.rpartition(".")[0]))
    for tree in (*program.values(), *others):
        _refuse_keywords(tree, moves)
    for move in moves:
        _leave(move, visiting, program[move.home])
    groups = list({move.group.module: move.group for move in moves}.values())
    for group in groups:
        program[group.module] = _tree([m for m in moves if m.group is group], program)
    renamed = {move.name: move.new_name for move in moves if move.is_alone}
    for tree in program.values():
        _rename(tree, renamed)
    return groups


def reach_once(tree: ast.Module) -> None:
    """What was several modules has become one: a group imports it once, by a name it has anyway."""
    aliases: dict[str, str] = {}
    taken = local(tree)
    modules: dict[str, str] = {}  # by the name they got: carriers.mqtt and mqtt are two
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            (alias,) = node.names
            package = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            name, module = alias.name.rpartition(".")[2], package + alias.name
            while name in taken or modules.get(name, module) != module:
                name = "_" + name
            modules[name] = module
            aliases[alias.asname or alias.name] = alias.asname = name
    tree.body = list({ast.unparse(node): node for node in tree.body}.values())
    for one in ast.walk(tree):
        if isinstance(one, ast.Name):
            one.id = aliases.get(one.id, one.id)


def _moves(
    program: Program, others: Sequence[ast.Module], rare: Rare, package: str
) -> Iterator[_Move]:
    words = Counter(word for tree in program.values() for word in given(tree))
    shared = kept(program, others) | {word for word, count in words.items() if count > 1}
    handed = {module for tree in program.values() for module in objects(tree, program)}
    outside = {word for tree in others for word in said(tree)}
    for at, homes in enumerate(rare.values()):
        group = Group(f"{package}.r{at}")
        for home, paths in homes.items():
            for path in paths.split():
                owner, function = _found(program, home, path)
                is_reached = isinstance(owner, ast.ClassDef) or home in handed
                if isinstance(owner, ast.Module) and function.name in outside:
                    continue  # who imports it from outside may do so without the rest
                is_alone = is_reached and function.name not in shared
                new_name = group.take(home, path, is_alone)
                yield _Move(home, owner, function, group, function.name, new_name, is_alone)


def _found(
    program: Program, home: str, path: str
) -> tuple[ast.Module | ast.ClassDef, ast.FunctionDef]:
    """The module or class that a function is in, and the function."""
    class_name, _, name = path.rpartition(".")
    owners: list[ast.Module | ast.ClassDef] = [program[home]]
    if class_name:
        classes = (one for one in program[home].body if isinstance(one, ast.ClassDef))
        owners = [one for one in classes if one.name == class_name]
    for owner in owners:
        for node in owner.body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                if node.decorator_list or "super" in variables(node):
                    raise SyntaxError(f"{home}: {path} cannot be moved: super() or a decorator")
                return owner, node
    raise SyntaxError(f"{home} has no function {path} that could be moved")


def _leave(move: _Move, visiting: str, home: ast.Module) -> None:
    """What stands in the function's place: a stub, or for all of a class what finds them."""
    body = move.owner.body
    body[body.index(move.function)] = ast.Pass() if move.is_alone else _stub(move)
    package, _, leaf = visiting.rpartition(".")
    here = ast.parse(f"from {package} import {leaf} as {_VISITING}").body[0]
    if ast.unparse(home.body[0]) != ast.unparse(here):
        home.body.insert(0, here)
    way = "method_apart" if isinstance(move.owner, ast.ClassDef) else "function_apart"
    find = ast.parse(f"__getattr__ = {_VISITING}.{way}").body[0]
    if move.is_alone and ast.unparse(find) not in map(ast.unparse, body):
        body.append(find)


def _stub(move: _Move) -> ast.stmt:
    said = f"{move.group.leaf!r}, {move.new_name!r}"
    text = f"def {move.name}(*args):\n return {_VISITING}.call_part({said}, *args)"
    return ast.parse(text).body[0]


def _tree(moves: list[_Move], program: Program) -> ast.Module:
    """The module of one group."""
    modules: dict[str, str] = {}  # module that it reaches into → what it calls that
    here: dict[_Origin, str] = {
        (move.home, move.name): move.new_name
        for move in moves
        if isinstance(move.owner, ast.Module)
    }
    body: list[ast.stmt] = []
    for move in moves:
        tree = program[move.home]
        origins: dict[str, _Origin] = {word: (move.home, word) for word in bound(tree)}
        origins |= dict(_imported(tree, program))
        outside = {word: origins[word] for word in origins.keys() - local(move.function)}
        body.append(_Outside(outside, here, modules).visit(move.function))
        move.function.name = move.new_name
    imports = [ast.Import([ast.alias(module, name)]) for module, name in modules.items()]
    return ast.Module([*imports, *body], [])


def _imported(tree: ast.Module, program: Program) -> Iterator[tuple[str, _Origin]]:
    """(name, its origin) of what a module imports at its top."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, (alias.name, None)) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                path = f"{node.module}.{alias.name}"
                origin = (path, None) if path in program else (node.module or "", alias.name)
                yield alias.asname or alias.name, origin


class _Outside(ast.NodeTransformer):
    """Says where the variables of a function come from, now that it is elsewhere."""

    def __init__(
        self, origins: dict[str, _Origin], here: dict[_Origin, str], modules: dict[str, str]
    ) -> None:
        self._origins = origins
        self._here = here  # functions that are in the same file now, and their names there
        self._modules = modules

    def visit_Name(self, node: ast.Name) -> ast.expr:
        origin = self._origins.get(node.id)
        return node if origin is None else self._reached(*origin)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Of a module: as if the name had been imported from it."""
        module = node.value.id if isinstance(node.value, ast.Name) else ""
        origin = self._origins.get(module, ("", ""))
        if origin[1] is None and (origin[0], node.attr) in self._here:
            return self._reached(origin[0], node.attr)
        self.generic_visit(node)
        return node

    def _reached(self, module: str, name: str | None) -> ast.expr:
        if (module, name) in self._here:
            return ast.Name(self._here[module, name], ast.Load())
        alias = self._modules.setdefault(module, f"_module_{len(self._modules)}")
        reached = ast.Name(alias, ast.Load())
        return reached if name is None else ast.Attribute(reached, name, ast.Load())


def _rename(tree: ast.Module, methods: Mapping[str, str]) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            node.attr = methods.get(node.attr, node.attr)


def _refuse_keywords(tree: ast.Module, moves: Sequence[_Move]) -> None:
    """SyntaxError where a call names a keyword: a visit takes none."""
    names = {move.name for move in moves}
    names |= {move.owner.name for move in moves if isinstance(move.owner, ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.keywords:
            called = getattr(node.func, "attr", getattr(node.func, "id", None))
            if called in names:
                raise SyntaxError(f"{ast.unparse(node)}: what is rare takes no keywords")
