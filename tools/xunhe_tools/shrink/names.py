"""Gives the program's names short ones.

    parameters     that nobody calls by keyword       letters, anew in every module
    private names  of one family of modules           _ and letters, anew in every family
    all others     that the program defines           letters, the same everywhere

A family are the modules whose classes inherit from each other: their objects are the same. What
`outside.kept` lists stays, and so do local variables, which cost nothing.
"""

import ast
import itertools
import string
from collections import defaultdict
from collections.abc import Iterator, Sequence

from xunhe_tools.shrink.outside import kept
from xunhe_tools.shrink.words import FIELDS, Program, given, identifier, parameters, said

Short = dict[str, str]
"""name → short name."""


def shorten(program: Program, others: Sequence[ast.Module]) -> dict[str, Short]:
    """Rename in place; returns {module: {short name: name}}."""
    words = {name: set(said(tree)) for name, tree in program.items()}
    stay = kept(program, others)
    taken = stay.union(*words.values())
    own = {word for tree in program.values() for word in given(tree)} - stay
    private = _private(own, words, _families(program))
    common = _paired(sorted(own - set().union(*private.values())), taken, "")
    names = {}
    for name, tree in program.items():
        short = common | _paired(sorted(private[name]), taken, "_")
        local = set(parameters(tree)) - own - stay
        short |= _paired(sorted(local), taken | set(common.values()), "")
        _Renamer(short).visit(tree)
        names[name] = {short[word]: word for word in words[name] & set(short)}
    return names


def _private(
    own: set[str], words: dict[str, set[str]], families: dict[str, str]
) -> dict[str, set[str]]:
    """For each module the private names that only its family says."""
    homes: dict[str, set[str]] = defaultdict(set)
    for module, said_here in words.items():
        for word in said_here:
            homes[word].add(families[module])
    found = {}
    for module, family in families.items():
        found[module] = {w for w in own if w.startswith("_") and homes[w] == {family}}
    return found


def _paired(words: list[str], taken: set[str], start: str) -> Short:
    """Short names for the words, in their order; a name that is as short already stays."""
    fresh = (name for name in _letters(start) if name not in taken)
    return {word: name for word, name in zip(words, fresh, strict=False) if len(name) < len(word)}


def _letters(start: str) -> Iterator[str]:
    for size in itertools.count(1):
        for letters in itertools.product(string.ascii_letters, repeat=size):
            yield start + "".join(letters)


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


def _families(program: Program) -> dict[str, str]:
    """Module → the first of its family."""
    head = {name: name for name in program}
    for name, tree in program.items():
        for base in _bases(tree):
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
