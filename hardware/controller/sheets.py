"""Draws the netlist: one sheet a function, many-legged parts as boxes, two-legged ones below.

Every pin ends in the name of its net. Red: supply; grey: ground; blue: goes on to the sheets named.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hardware.controller import glyphs
from hardware.controller.netlist import Component, Netlist
from hardware.controller.symbols import OUT, POWER_IN, POWER_OUT, SYMBOLS
from xunhe_tools.hardware.drawing import BLUE, FAINT, INK, RED, Drawing

TITLES = {
    "solar": (1, "光伏、充电、电芯 / panel, charger, cell"),
    "rails": (2, "电源轨 / rails"),
    "processor": (3, "处理器、USB、开盖、外部闪存 / processor, USB, lid, external flash"),
    "probes": (4, "探头电源 12 V 与 RS485 / probes: 12 V and RS485"),
    "ezo": (5, "隔离的 EZO 与温度计 / isolated EZO, thermometer"),
    "radio": (6, "4G、LoRa、定位 / 4G, LoRa, GNSS"),
}
_WIDTH, _MARGIN, _PITCH, _STUB = 1190.0, 40.0, 12.0, 16.0
_COLUMNS, _SMALL_COLUMNS, _SMALL_HEIGHT = 3, 4, 25.0


@dataclass(frozen=True, slots=True)
class _View:
    """What a sheet needs to know of the whole netlist."""

    net_of: dict[tuple[str, str], str]
    sheets_of: dict[str, frozenset[int]]
    supplies: frozenset[str]
    own: int

    def label(self, ref: str, pin: str) -> tuple[str, str]:
        """(name of the net with the other sheets that have it, colour)."""
        net = self.net_of.get((ref, pin))
        if net is None:
            return "×", FAINT
        if _is_ground(net):
            return net, FAINT
        others = sorted(self.sheets_of[net] - {self.own})
        away = f" →{','.join(map(str, others))}" if others else ""
        return net + away, RED if net in self.supplies else BLUE if others else INK


def draw(netlist: Netlist) -> dict[str, Drawing]:
    """{sheet: drawing}, in the order of TITLES."""
    return {name: _sheet(netlist, name) for name in TITLES}


def _sheet(netlist: Netlist, name: str) -> Drawing:
    number, title = TITLES[name]
    view = _View(netlist.net_of(), _sheets_of(netlist), _supplies(netlist), number)
    here = [one for one in netlist.components if one.sheet == name]
    large = sorted(
        (one for one in here if len(SYMBOLS[one.symbol].pins) > 2 or one.symbol.startswith("J_")),
        key=lambda one: (-len(SYMBOLS[one.symbol].pins), one.ref),
    )
    points = [one for one in here if one.symbol == "TP"]
    small = [one for one in here if one not in large and one not in points]
    drawing = Drawing(_WIDTH, 0)
    bottom = _boxes(drawing, large, view, 80.0)
    bottom = _passives(drawing, _by_neighbour(small, large, view), view, bottom + 26)
    _test_points(drawing, points, view, bottom + 22)
    _frame(drawing, number, title)
    return drawing


def _sheets_of(netlist: Netlist) -> dict[str, frozenset[int]]:
    place = {one.ref: TITLES[one.sheet][0] for one in netlist.components}
    return {net: frozenset(place[ref] for ref, _ in pins) for net, pins in netlist.nets.items()}


def _supplies(netlist: Netlist) -> frozenset[str]:
    """Nets on which a part's supply pin hangs, ground apart."""
    net_of = netlist.net_of()
    fed = (
        net_of[part.ref, number]
        for part in netlist.components
        for number, _, kind in SYMBOLS[part.symbol].pins
        if kind in (POWER_IN, POWER_OUT)
    )
    return frozenset(net for net in fed if not _is_ground(net))


def _is_ground(net: str) -> bool:
    return net.endswith("GND")


def _by_neighbour(
    small: Sequence[Component], large: Sequence[Component], view: _View
) -> list[Component]:
    """Two-legged parts beside those of the same many-legged one."""
    order = {part.ref: place for place, part in enumerate(large)}
    touched: dict[str, int] = {}
    for (ref, _), net in view.net_of.items():
        if ref in order and not _is_ground(net) and net not in view.supplies:
            touched[net] = min(order[ref], touched.get(net, len(large)))
    return sorted(
        small,
        key=lambda part: (
            min(touched.get(view.net_of[part.ref, pin], len(large)) for pin in "12"),
            part.ref,
        ),
    )


# -- parts with many legs


def _boxes(drawing: Drawing, parts: Sequence[Component], view: _View, top: float) -> float:
    """Each into the column that is shortest so far; the lowest edge."""
    width = (_WIDTH - 2 * _MARGIN) / _COLUMNS
    edges = [top] * _COLUMNS
    for part in parts:
        column = edges.index(min(edges))
        edges[column] += _box(drawing, part, view, _MARGIN + column * width, edges[column], width)
    return max(edges)


def _sides(part: Component) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Pins on the left and on the right: what comes in, what goes out, the rest evenly."""
    pins = SYMBOLS[part.symbol].pins
    if part.symbol.startswith("J_") and len(pins) <= 10:
        return [], [(number, name) for number, name, _ in pins]
    half = (len(pins) + 1) // 2
    out = [pin for pin in pins if pin[2] in (OUT, POWER_OUT)]
    if len(pins) > 20 or not out or len(out) > half:
        left, right = list(pins[:half]), list(pins[half:])
    else:
        others = [pin for pin in pins if pin not in out]
        right = [*out, *others[half:]]
        left = others[:half]
    return [pin[:2] for pin in left], [pin[:2] for pin in right]


def _box(drawing: Drawing, part: Component, view: _View, x: float, y: float, width: float) -> float:
    """Draws it; the height that it took."""
    left, right = _sides(part)
    body = 112.0
    start = x + (width - body) / 2 if left else x + 20
    height = _PITCH * max(len(left), len(right)) + 8
    drawing.words((start, y - 4), f"{part.ref}  {part.value}", 9, bold=True)
    if not part.fitted:
        drawing.words((start, y + height + 10), "不装 not fitted", 8, ink=RED)
    drawing.box((start, y), (body, height), "#f6f8fb")
    for pins, edge, side in ((left, start, -1), (right, start + body, 1)):
        for row, (number, name) in enumerate(pins):
            _pin(drawing, view.label(part.ref, number), (edge, y + 14 + row * _PITCH), side)
            _pin_words(drawing, number, name, (edge, y + 14 + row * _PITCH), side)
    return height + 30


def _pin(drawing: Drawing, label: tuple[str, str], at: tuple[float, float], side: int) -> None:
    text, ink = label
    end = at[0] + side * _STUB
    drawing.line((at, (end, at[1])), ink, 0.8)
    drawing.words((end + 3 * side, at[1] + 3), text, 8, "start" if side > 0 else "end", ink)


def _pin_words(
    drawing: Drawing, number: str, name: str, at: tuple[float, float], side: int
) -> None:
    drawing.words((at[0] - 4 * side, at[1] + 3), name, 7.5, "end" if side > 0 else "start")
    drawing.words(
        (at[0] + 3 * side, at[1] - 1.5), number, 5.5, "start" if side > 0 else "end", FAINT
    )


# -- parts with two legs


def _passives(drawing: Drawing, parts: Sequence[Component], view: _View, top: float) -> float:
    width = (_WIDTH - 2 * _MARGIN) / _SMALL_COLUMNS
    rows = -(-len(parts) // _SMALL_COLUMNS)
    for index, part in enumerate(parts):
        column, row = divmod(index, rows)
        _passive(drawing, part, view, _MARGIN + (column + 0.5) * width, top + row * _SMALL_HEIGHT)
    return top + rows * _SMALL_HEIGHT


def _passive(drawing: Drawing, part: Component, view: _View, x: float, y: float) -> None:
    """net ──symbol── net, cathode or plus on the left as its pin 1."""
    first, second = (view.label(part.ref, pin) for pin, _, _ in SYMBOLS[part.symbol].pins)
    glyphs.draw(drawing, part.symbol, (x, y))
    for (text, ink), side in ((first, -1), (second, 1)):
        drawing.line(((x + 14 * side, y), (x + 24 * side, y)), ink, 0.8)
        drawing.words((x + 27 * side, y + 3), text, 8, "start" if side > 0 else "end", ink)
    left_out = "" if part.fitted else "（不装 not fitted）"
    drawing.words((x, y - 7), f"{part.ref} {part.value}{left_out}", 7.5, "middle", bold=True)


def _test_points(drawing: Drawing, parts: Sequence[Component], view: _View, top: float) -> None:
    drawing.words((_MARGIN, top), "测试点 / test points", 9, bold=True)
    for index, part in enumerate(parts):
        row, column = divmod(index, 6)
        text, ink = view.label(part.ref, "1")
        at = (_MARGIN + 8 + column * 184.0, top + 18 + row * 15.0)
        glyphs.draw(drawing, "TP", at)
        drawing.words((at[0] + 9, at[1] + 3), f"{part.ref}  {text}", 8, ink=ink)
    drawing.height = top + 18 + -(-len(parts) // 6) * 15 + 44


def _frame(drawing: Drawing, number: int, title: str) -> None:
    drawing.box((14, 14), (_WIDTH - 28, drawing.height - 28), None, INK, 1.2)
    drawing.words((_MARGIN, 42), f"{number}/{len(TITLES)}  {title}", 15, bold=True)
    drawing.words(
        (_WIDTH - _MARGIN, 42),
        "巡河浮标控制板 修订 A，由网表绘制，未制板 / buoy controller rev A, drawn from the netlist,"
        " not built",
        9,
        "end",
        FAINT,
    )
    drawing.words(
        (_MARGIN, drawing.height - 22),
        "红 supply · 灰 ground · 蓝 → 其他图纸 other sheets · × 有意悬空 left open on purpose",
        8,
        ink=FAINT,
    )
