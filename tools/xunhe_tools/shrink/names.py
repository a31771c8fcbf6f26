"""Gives the program's names other ones that cost less.

    parameters  that nobody calls by keyword     letters, the same in many functions
    private     said by one family of modules    anew in every family
    common      all others                       the same everywhere

MicroPython keeps each name once in RAM unless it is among those of its own image: resident.txt
lists those that the program may borrow; when they are used up letters follow. Attributes and the
variables of modules may be called the same, they never meet. A family are the modules whose classes
inherit from each other: their objects are the same. What `outside.kept` lists stays, and so do
local variables, which cost nothing.
"""

import ast
import itertools
import string
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from xunhe_tools.shrink.outside import HARDWARE, kept
from xunhe_tools.shrink.words import (
    FIELDS,
    Program,
    bound,
    given,
    identifier,
    parameters,
    reached,
    said,
    variables,
)

Short = dict[str, str]
"""name → the name instead of it."""

RESIDENT = Path(__file__).with_name("resident.txt")
_PYTHONS = frozenset({"args", "const", "errno", "value", "keys", "close", "send", "throw"})
"""Names that the interpreter itself looks for, or its compiler."""


def shorten(
    program: Program,
    others: Sequence[ast.Module],
    roots: Sequence[str],
    kin: Mapping[str, Collection[str]],
) -> dict[str, Short]:
    """Rename in place; returns {module: {new name: name}}. The roots' names are served first.

    `kin`: module → those that its functions were taken from: of one family.
    """
    words = {name: set(said(tree)) for name, tree in program.items()}
    stay = kept(program, others)
    taken = stay.union(*words.values()) - set(_resident()).difference(*words.values())
    taken |= {word for tree in others for word in said(tree)} | HARDWARE | _PYTHONS
    own = {word for tree in program.values() for word in given(tree)} - stay
    private = _private(own, words, _families(program, kin), _set_from_outside(program))
    first = set().union(*(words[root] for root in roots if root in words))
    attributes = {word for tree in program.values() for word in reached(tree)} & own
    by_module = _given(attributes, private, first, taken)
    both = {w for tree in program.values() for w in (*variables(tree), *bound(tree))}
    seen = {short[word] for short in by_module.values() for word in both & set(short)}
    variables_of = _given(own - attributes, private, first, taken | seen)
    names = {}
    for name, tree in program.items():
        short = by_module[name] | variables_of[name]
        short |= _letters_of_parameters(tree, own | stay, taken)
        _Renamer(short).visit(tree)
        names[name] = {short[word]: word for word in words[name] & set(short)}
    return names


def _given(
    words: set[str], private: dict[str, set[str]], first: set[str], taken: set[str]
) -> dict[str, Short]:
    """Module → new names of these words in it; common words that `first` has come first."""
    shared = words - set().union(*private.values())
    common = _paired(sorted(shared, key=lambda word: (word not in first, word)), taken)
    used = taken | set(common.values())
    return {module: common | _paired(sorted(own & words), used) for module, own in private.items()}


def _resident() -> list[str]:
    """The shortest first: in a file they take room all the same."""
    return sorted(RESIDENT.read_text("utf-8").split(), key=lambda word: (len(word), word))


def _private(
    own: set[str], words: dict[str, set[str]], families: dict[str, str], open_: set[str]
) -> dict[str, set[str]]:
    """For each module the names that only its family says."""
    homes: dict[str, set[str]] = defaultdict(set)
    for module, said_here in words.items():
        for word in said_here:
            homes[word].add(families[module])
    found = {}
    for module, family in families.items():
        found[module] = {w for w in own - open_ if homes[w] == {family}}
    return found


def _set_from_outside(program: Program) -> set[str]:
    """Attributes that are set on what may be an object of another family."""
    return {
        node.attr
        for tree in program.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and getattr(node.value, "id", None) != "self"
    }


def _paired(words: Sequence[str], taken: Collection[str]) -> Short:
    """New names for the words, in their order; letters only where they are shorter."""
    resident = _resident()
    fresh = (n for n in itertools.chain(resident, _letters(2)) if n not in taken)
    pairs = zip(words, fresh, strict=False)
    return {word: n for word, n in pairs if n in resident or len(n) < len(word)}


def _letters(least: int = 1) -> Iterator[str]:
    for size in itertools.count(least):
        for letters in itertools.product(string.ascii_letters, repeat=size):
            yield "".join(letters)


def _letters_of_parameters(tree: ast.Module, other: set[str], taken: set[str]) -> Short:
    """Single letters: parameters that never meet in a function share one."""
    wanted = set(parameters(tree)) - other
    meet: dict[str, set[str]] = defaultdict(set)
    for function in _functions(tree):
        together = wanted & set(said(function))
        for word in together:
            meet[word] |= together
    short: Short = {}
    for word in sorted(wanted):
        used = {short[one] for one in meet[word] if one in short}
        short[word] = next(n for n in _letters() if n not in taken and n not in used)
    return {word: letter for word, letter in short.items() if len(letter) < len(word)}


def _functions(tree: ast.AST) -> Iterable[ast.AST]:
    """The outermost functions: those inside see their variables."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            yield node
        else:
            yield from _functions(node)


class _Renamer(ast.NodeTransformer):
    def __init__(self, short: Short) -> None:
        self._short = short

    def visit(self, node: ast.AST) -> ast.AST:
        for field in FIELDS:
            word = identifier(node, field)
            if word in self._short:
                setattr(node, field, self._short[word])
        if isinstance(node, ast.Global):
            node.names = [self._short.get(name, name) for name in node.names]
        return self.generic_visit(node)


def _families(program: Program, kin: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Module → the first of its family."""
    head = {name: name for name in program}
    for name, tree in program.items():
        for base in (*_bases(tree), *kin.get(name, ())):
            if base in program:
                old, new = head[name], head[base]
                head = {module: new if h == old else h for module, h in head.items()}
    return head


def _bases(tree: ast.Module) -> Iterator[str]:
    """The modules that classes here inherit from."""
    origin = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                origin[alias.asname or alias.name] = (node.module or "", alias.name)
    for node in ast.walk(tree):
        for base in node.bases if isinstance(node, ast.ClassDef) else ():
            if isinstance(base, ast.Name) and base.id in origin:
                yield origin[base.id][0]
            elif isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):
                yield ".".join(origin.get(base.value.id, ()))
