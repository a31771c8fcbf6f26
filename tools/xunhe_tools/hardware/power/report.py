"""The budget as a table, as a line of bars for the terminal and as a plot."""

from collections.abc import Mapping

from xunhe_tools.hardware.drawing import BLUE, FAINT, GREEN, INK, RED, Drawing
from xunhe_tools.hardware.power.budget import LOWEST_CHARGE, Budget, Buoy
from xunhe_tools.hardware.power.loads import Link
from xunhe_tools.hardware.power.places import Climate

_BARS = "▁▂▃▄▅▆▇█"
_INKS = (BLUE, RED, GREEN)


def bars(budget: Budget) -> str:
    """The lowest charge of each month as a row of bars; a dot while the buoy is ashore."""
    return "".join(
        "·" if month.lowest is None else _BARS[min(7, int(month.lowest * 8))]
        for month in budget.months
    )


def rows(budget: Budget) -> list[tuple[str, str, str, str, str]]:
    """(month, light, income, load, lowest charge) for a table."""
    return [
        (
            str(number),
            f"{month.light_kwh_m2:.2f}",
            f"{month.income_wh:.1f}",
            f"{month.load_wh:.1f}",
            "上岸 ashore" if month.lowest is None else f"{month.lowest:.0%}",
        )
        for number, month in enumerate(budget.months, 1)
    ]


def verdict(buoy: Buoy, budget: Budget, remedy: Buoy | None) -> str:
    """Whether the worst month holds, or what must change."""
    if budget.holds:
        return f"最差月最低 {budget.lowest:.0%}，不低于 30 % / the worst month stays above 30 %"
    if remedy is None:
        return (
            f"最低 {budget.lowest:.0%}：光伏、电池加倍、间隔四倍也不够 / no change tried here holds"
        )
    changes = [
        f"{words} {new:g}"
        for words, old, new in (
            ("光伏板 panel, W", buoy.panel_w, remedy.panel_w),
            ("电芯 cell, Ah", buoy.cell_ah, remedy.cell_ah),
            ("间隔 interval, s", buoy.interval_s, remedy.interval_s),
        )
        if new != old
    ]
    return f"最低 {budget.lowest:.0%}：须改为 / must change to {'，'.join(changes)}"


def title(buoy: Buoy, link: Link) -> str:
    """What the plot shows, with the numbers that it depends on."""
    return (
        f"各月最低电量（计算）/ lowest charge by month (calculated): {buoy.panel_w:g} W,"
        f" {buoy.cell_ah:g} Ah, {buoy.interval_s:g} s, {link.name}"
    )


def plot(budgets: Mapping[str, tuple[Climate, Budget]], title: str) -> Drawing:
    """Lowest charge by month, a line a place, with the limit."""
    drawing = Drawing(760, 360)
    left, top, width, height = 60.0, 50.0, 560.0, 250.0
    drawing.words((left, 28), title, 13, bold=True)
    for step in range(6):
        y = top + height * (1 - step / 5)
        drawing.line(((left, y), (left + width, y)), FAINT, 0.4)
        drawing.words((left - 6, y + 3), f"{20 * step} %", 9, "end")
    limit = top + height * (1 - LOWEST_CHARGE)
    drawing.line(((left, limit), (left + width, limit)), RED, 1.2, (6, 4))
    drawing.words((left + width + 14, limit + 3), "下限 limit 30 %", 9, ink=RED)
    for month in range(12):
        drawing.words(
            (left + width * (month + 0.5) / 12, top + height + 18), str(month + 1), 9, "middle"
        )
    drawing.words(
        (left + width, top + height + 36),
        "月 month；断开：河冰，浮标在岸 / gap: ice, ashore",
        9,
        "end",
    )
    for ink, (climate, budget) in zip(_INKS, budgets.values(), strict=False):
        _line(drawing, budget, ink, (left, top), (width, height))
        place = top + 20 + 22 * list(budgets.values()).index((climate, budget))
        drawing.line(((left + width + 14, place), (left + width + 34, place)), ink, 2.4)
        drawing.words((left + width + 40, place + 4), climate.name, 10, ink=INK)
    return drawing


def _line(
    drawing: Drawing,
    budget: Budget,
    ink: str,
    corner: tuple[float, float],
    size: tuple[float, float],
) -> None:
    run: list[tuple[float, float]] = []
    for n, month in enumerate((*budget.months, None)):
        if month is not None and month.lowest is not None:
            x = corner[0] + size[0] * (n + 0.5) / 12
            run.append((x, corner[1] + size[1] * (1 - month.lowest)))
        elif run:
            drawing.line(run, ink, 2.2)
            run = []
