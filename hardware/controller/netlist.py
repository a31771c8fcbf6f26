"""Reads a KiCad netlist: what is placed, and what hangs together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+)')


@dataclass(frozen=True, slots=True)
class Component:
    ref: str
    value: str
    item: str
    sheet: str
    symbol: str
    fitted: bool


@dataclass(frozen=True, slots=True)
class Netlist:
    """`nets`: {net: {(reference, pin number)}}."""

    components: tuple[Component, ...]
    nets: dict[str, frozenset[tuple[str, str]]]

    def net_of(self) -> dict[tuple[str, str], str]:
        """{(reference, pin number): net}."""
        return {pin: name for name, pins in self.nets.items() for pin in pins}


def read(text: str) -> Netlist:
    """The netlist in KiCad's export form (version D)."""
    tree = _tree(_TOKEN.finditer(text))[0]
    components = tuple(_component(one) for one in _all(_first(tree, "components"), "comp"))
    nets = {
        _word(net, "name"): frozenset(
            (_word(node, "ref"), _word(node, "pin")) for node in _all(net, "node")
        )
        for net in _all(_first(tree, "nets"), "net")
    }
    return Netlist(components, nets)


def _component(tree: list[Any]) -> Component:
    fields = {
        _word(one, "name"): one[2] for one in _all(_first(tree, "fields"), "field") if len(one) > 2
    }
    return Component(
        _word(tree, "ref"),
        _word(tree, "value"),
        fields["Item"],
        fields["Sheet"],
        fields["Symbol"],
        fields["Fitted"] == "True",
    )


def _tree(tokens: Iterator[re.Match[str]]) -> list[Any]:
    """The list up to the closing bracket or the end."""
    found: list[Any] = []
    for token in tokens:
        quoted, bracket, bare = token.groups()
        if bracket == ")":
            break
        found.append(_tree(tokens) if bracket else bare if quoted is None else quoted)
    return found


def _all(tree: list[Any], name: str) -> list[list[Any]]:
    return [one for one in tree if isinstance(one, list) and one and one[0] == name]


def _first(tree: list[Any], name: str) -> list[Any]:
    return _all(tree, name)[0]


def _word(tree: list[Any], name: str) -> str:
    return str(_first(tree, name)[1])
