"""Makes the firmware smaller before it is compiled: on a buoy every name and every constant is RAM.

The sources are written for people; what only people need is left out here. Constants and short
expressions go where they are used, what is seldom needed goes into files of its own, definitions
that nothing in the program names are dropped, names become short ones. What the program does stays
the same: tests/firmware/test_shrunk.py runs the portable checks and a whole buoy from what comes
out.
"""

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xunhe_tools.shrink.chunks import chunks
from xunhe_tools.shrink.constants import inline
from xunhe_tools.shrink.expressions import put_expressions
from xunhe_tools.shrink.join import join
from xunhe_tools.shrink.names import shorten
from xunhe_tools.shrink.part import Rare, part, reach_once
from xunhe_tools.shrink.unused import drop, strip

__all__ = ["Shrunk", "lengthen", "shrink"]


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A program in fewer words; `names` says what its short names stand for, by module."""

    sources: dict[str, str]
    names: dict[str, dict[str, str]]


def shrink(
    sources: Mapping[str, str],
    others: Iterable[str] = (),
    roots: Sequence[str] = (),
    rare: Rare | None = None,
) -> Shrunk:
    """{dotted module name: source} of a whole program, and the sources of what imports from it.

    `roots`: modules that are there as long as the program runs. `rare`: functions that go into
    files of their own. SyntaxError names the module that has one.
    """
    program = {name: ast.parse(source, name) for name, source in sources.items()}
    outside = [ast.parse(source) for source in others]
    for tree in program.values():
        strip(tree)
    inline(program)
    groups = part(program, outside, rare or {})
    apart = {group.module: group.homes for group in groups}
    outside += [group.caller for group in groups]
    places = join(program, chunks(program, outside, roots, apart))
    for group in groups:
        reach_once(program[group.module])
    put_expressions(program, outside)
    drop(program, outside)
    kin = {module: [places[home] for home in homes] for module, homes in apart.items()}
    names = shorten(program, outside, roots, kin)
    for group in groups:
        names[group.module].update(group.names)
    return Shrunk({name: ast.unparse(tree) for name, tree in program.items()}, names)


def lengthen(trace: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """A traceback of the shrunk program with the names of the sources in it."""
    lines = []
    for line in trace.splitlines():
        module = next((name for name in names if f'"{name}"' in line), None)
        head, found, short = line.rpartition(", in ")
        known = module is not None and found and short in names[module]
        lines.append(head + found + names[module][short] if module and known else line)
    return "\n".join(lines)
