"""One run of all the figures of `xunhe bench water`."""

import importlib.util
import multiprocessing
import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from xunhe_tools.bench.water import foresight, speed, tracing
from xunhe_tools.bench.water.judge import DEFINITIONS, Verdict, figures, judge, recall_by
from xunhe_tools.bench.water.methods import METHODS
from xunhe_tools.bench.water.scenario import DISCHARGES, StationMonth, year

Say = Callable[[str], None]

_RIVER_SEEDS = 1000  # tracing judges on rivers from seed 2000 on, see docs/tracing.md


def measure(seed: int, rivers: int, say: Say) -> dict[str, Any]:
    """Every figure; `seed` must be a judging one, at least 1000."""
    begun_s = time.monotonic()
    months = year(seed)
    say("CPU of one evaluation")
    stations = speed.stations_per_core(seed)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=context) as pool:
        say("early warning, month by month")
        verdicts = {name: list(pool.map(_judged, [name] * 12, months)) for name in _methods()}
        foreseen = pool.submit(foresight.measure, months)
        say(f"tracing on {rivers} rivers")
        traced = pool.submit(tracing.measure, seed + _RIVER_SEEDS, rivers).result()
        forecasts = foreseen.result()
    return {
        **figures(verdicts["xunhe"]),
        "stations_per_core": stations,
        **traced,
        "recall_by_kind": recall_by(verdicts["xunhe"], "kind"),
        "recall_by_size": recall_by(verdicts["xunhe"], "size"),
        **{name: _peer(name, verdicts) for name in METHODS if name != "xunhe"},
        "forecast": forecasts,
        "station_days": sum(one.station_days for one in verdicts["xunhe"]),
        "discharges": DISCHARGES,
        "definitions": DEFINITIONS,
        "seed": seed,
        "rivers": rivers,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "seconds": round(time.monotonic() - begun_s, 1),
    }


def _methods() -> list[str]:
    """`ioos_qc` is for developers: without it its row stays empty."""
    is_there = importlib.util.find_spec("ioos_qc") is not None
    return [name for name in METHODS if is_there or name != "ioos_qc"]


def _judged(name: str, month: StationMonth) -> Verdict:
    return judge(month, METHODS[name](month))


def _peer(name: str, verdicts: dict[str, list[Verdict]]) -> dict[str, Any] | None:
    return figures(verdicts[name]) if name in verdicts else None
