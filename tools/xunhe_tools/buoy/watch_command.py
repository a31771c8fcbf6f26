"""`xunhe buoy watch`: live readings, drawn as they come."""

import json
import time
from collections import deque
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.port import chosen
from xunhe_tools.buoy.screen import DryRunOption, JsonOption, PortOption, Screen, outcome
from xunhe_tools.buoy.watch_plot import plot, scale

_READ_S = 60.0
_WIDTH, _HEIGHT = 48, 3
_NAMES = {
    "water_temp_c": "水温 water °C",
    "ph": "pH",
    "do_mg_l": "溶解氧 oxygen mg/L",
    "nh3n_mg_l": "氨氮 NH3-N mg/L",
    "level_m": "水位 level m",
    "flow_l_s": "流量 flow L/s",
    "battery_v": "电池 battery V",
}

Series = dict[str, deque[float | None]]


def watch(
    count: Annotated[int, typer.Option(min=0, help="读几次，0 不停 / readings, 0 for ever")] = 0,
    interval_s: Annotated[float, typer.Option(min=0, help="间隔 / between two")] = 2.0,
    raw: Annotated[bool, typer.Option("--raw", help="原始值 / the probes' raw values")] = False,
    port: PortOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """实时曲线，Ctrl-C 结束；不存入记录 / live plot until Ctrl-C; nothing is stored."""
    screen = Screen(as_json=as_json)
    if dry_run:
        screen.say("只读，不存入记录", "it only reads, nothing is stored")
        screen.result({"dry_run": True})
        return
    series: Series = {}
    with outcome(screen), Console(chosen(port)) as buoy:
        try:
            buoy.greet()
            _follow(screen, buoy, series, "raw" if raw else "values", (count, interval_s))
        except KeyboardInterrupt:
            screen.say("结束", "the end")


def _follow(
    screen: Screen, buoy: Console, series: Series, kind: str, pace: tuple[int, float]
) -> None:
    count, interval_s = pace
    with Live(console=screen.console, refresh_per_second=4) as live:
        taken = 0
        while True:
            reply = buoy.ask({"do": "read"}, _READ_S)
            taken += 1
            _add(series, reply[kind])
            if screen.as_json:
                typer.echo(json.dumps({"ok": True, "at_s": round(time.time(), 3), **reply}))
            else:
                live.update(drawing(series, reply["failed"]))
            if count and taken >= count:
                return
            time.sleep(interval_s)


def _add(series: Series, values: dict[str, float | None]) -> None:
    for name, value in values.items():
        series.setdefault(name, deque(maxlen=2 * _WIDTH)).append(value)


def drawing(series: Series, failed: dict[str, Any]) -> Group:
    """A plot a channel with its last value and its scale; what failed, below."""
    table = Table(box=None, pad_edge=False)
    for head in ("量 quantity", "值 value", "", "曲线 plot"):
        table.add_column(head)
    for name, values in series.items():
        last, span = values[-1], scale(values)
        limits = "" if span is None else f"{span[1]:.4g}\n\n{span[0]:.4g}"
        value = "—" if last is None else f"{last:.4g}"
        lines = plot(list(values), _WIDTH, _HEIGHT)
        table.add_row(_NAMES.get(name, name), value, Text(limits, "dim"), "\n".join(lines))
    notes = [Text(f"✗ {probe}: {reason}", "red") for probe, reason in failed.items()]
    return Group(table, *notes)
