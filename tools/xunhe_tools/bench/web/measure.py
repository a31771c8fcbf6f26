"""Builds the county, opens the one screen again and again, then lets stations raise alarms."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from xunhe_tools.bench.web import browser as eyes
from xunhe_tools.bench.web import buoy
from xunhe_tools.bench.web.county import station_codes
from xunhe_tools.bench.web.gateway import Running, running

TICKETS = 10_000
OPERATORS = 50
_VISITS = 5
_APART_S = 1.5
_PATIENCE_S = 10.0

Say = Callable[[str], None]


def measure(tickets: int, operators: int, seed: int, say: Say) -> dict[str, Any]:
    """The figures; times are wall-clock milliseconds on this machine."""
    stations = len(station_codes())
    with tempfile.TemporaryDirectory() as folder:
        say(f"正在写入 {tickets} 张工单、{stations} 个测站 / writing tickets and stations")
        with running(Path(folder), tickets, seed) as gateway, eyes.chromium() as browser:
            figures = _overview(browser, gateway, say)
            say(f"{operators} 位操作员连接 / operators connect")
            with _operators(gateway, operators):
                figures |= _events(browser, gateway, say)
    return {"tickets": tickets, "stations": stations, "operators": operators, **figures}


def _overview(browser: Browser, gateway: Running, say: Say) -> dict[str, Any]:
    eyes.first_visit(browser, gateway)  # warms the server, not the browser's cache
    visits = []
    for number in range(1, _VISITS + 1):
        visit = eyes.first_visit(browser, gateway)
        say(f"总览 overview {number}: {visit.usable_ms:.0f} ms, {visit.transferred_kib:.0f} KiB")
        visits.append(visit)
    hosts = set().union(*(visit.hosts for visit in visits))
    return {
        "overview_ms": round(median(visit.usable_ms for visit in visits)),
        "first_visit_kib": round(max(visit.transferred_kib for visit in visits), 1),
        "foreign_hosts": len(hosts - {urlsplit(gateway.url).netloc}),
    }


def _events(browser: Browser, gateway: Running, say: Say) -> dict[str, Any]:
    """Each reading raises an alarm at a station of its own; its incident has to be drawn."""
    took_ms: list[float] = []
    with eyes.operator(browser, gateway) as context, buoy.connected(gateway.mqtt_port) as client:
        page = context.new_page()
        eyes.watch_arrivals(page, gateway.url)
        for station in buoy.ADDRESSES:
            page.wait_for_timeout(_APART_S * 1000)
            frame = buoy.polluted_frame(station, int(time.time()))
            sent_s = buoy.send(client, station, frame)
            drawn_s = eyes.arrived_s(page, station, _PATIENCE_S)
            if drawn_s is None:
                say(f"{station}: 未出现 not drawn within {_PATIENCE_S:.0f} s")
                continue
            took_ms.append(1000 * (drawn_s - sent_s))
            say(f"{station}: {took_ms[-1]:.0f} ms")
    worst = round(max(took_ms)) if took_ms else None
    return {
        "event_to_screen_ms": round(median(took_ms)) if took_ms else None,
        "event_to_screen_worst_ms": worst,
        "events_drawn": len(took_ms),
        "events_sent": len(buoy.ADDRESSES),
    }


@contextmanager
def _operators(gateway: Running, count: int) -> Iterator[None]:
    module = "xunhe_tools.bench.web.operators"
    command = [
        sys.executable,
        "-m",
        module,
        str(urlsplit(gateway.url).port),
        gateway.cookie,
        str(count),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own
    try:
        line = process.stdout.readline() if process.stdout else ""
        if line.strip() != "ready":
            raise RuntimeError("the operators could not connect: see their messages above")
        yield
    finally:
        process.terminate()
        process.communicate()
