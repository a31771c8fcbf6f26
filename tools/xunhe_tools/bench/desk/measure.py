"""Writes the year, serves it on one core, and asks for it as a browser would."""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx

from xunhe.adapters.store.database import Database
from xunhe.adapters.supervision.circulars import tally_of
from xunhe.desk.periods import parse
from xunhe.desk.seats import seats_of
from xunhe.settings import SupervisionSettings
from xunhe.web.supervision import scores_view
from xunhe_tools.bench.desk import judge
from xunhe_tools.bench.desk.district import district
from xunhe_tools.bench.desk.write import write
from xunhe_tools.bench.desk.year import END, YEAR, cases

TICKETS = 100_000
_ROUNDS = 10
_SCORES = f"/api/v1/desk/scores/{YEAR}"
_START_S = 60.0
_LISTS = (
    "",
    "?light=red",
    "?light=yellow&severity=severe",
    "?is_open=true&category=discharge",
    "?unit=U-V007&source=citizen",
    f"?opened_from={YEAR}-06-01T00:00:00Z&opened_before={YEAR}-07-01T00:00:00Z",
    "?state=closed&reach=R100&offset=100",
)


def measure(tickets: int, seed: int, say: Callable[[str], None], weeks: int = 52) -> dict[str, Any]:
    """The figures: milliseconds are the 95th percentile of requests over a kept connection."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "desk.sqlite3"
        say(f"正在写入 {tickets} 张工单 / writing {tickets} tickets")
        began = time.perf_counter()
        entries = write(path, district(), tickets, seed, weeks)
        say(f"{entries} 条日志 entries, {time.perf_counter() - began:.0f} s")
        with _served(path) as client:
            figures = _asked(client, say)
            first = _scores(client)
            figures["scores_ms"] = round(_p95_ms(client, _SCORES), 1)
        began = time.perf_counter()
        again = recomputed(path)
        recompute_s = time.perf_counter() - began
    reds = judge.reds(cases(tickets, seed))
    return {
        "tickets": tickets,
        "entries": entries,
        "chiefs": len(first["posts"]),
        **figures,
        "recompute_s": round(recompute_s, 2),
        "same_result": first == again and not first["differences"],
        "reds_as_judged": _reds(first) == {post: count for post, count in reds.items() if count},
    }


def _asked(client: httpx.Client, say: Callable[[str], None]) -> dict[str, float]:
    asked = {
        "list_ms": [f"/api/v1/desk/tickets{query}" for query in _LISTS],
        "board_ms": ["/api/v1/desk/board"],
        "report_ms": [f"/api/v1/desk/reports/{YEAR}-12", f"/api/v1/desk/reports/{YEAR}-06"],
    }
    figures = {}
    for name, paths in asked.items():
        worst = 0.0
        for path in paths:
            took = _p95_ms(client, path)
            say(f"{path}: {took:.0f} ms")
            worst = max(worst, took)
        figures[name] = round(worst, 1)
    return figures


def _p95_ms(client: httpx.Client, path: str) -> float:
    """Of the slowest of the paths its own percentile counts, not that of all together."""
    client.get(path).raise_for_status()  # the first answer warms the file's cache
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        client.get(path).raise_for_status()
        times.append(1000 * (time.perf_counter() - began))
    return quantiles(times, n=20, method="inclusive")[-1]


def _scores(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get(_SCORES).raise_for_status().json()
    return found


def recomputed(path: Path) -> dict[str, Any]:
    """The year's scores from the whole log, read from its first entry, as the API says them."""
    registry, rules = district(), SupervisionSettings()
    as_of = END + timedelta(seconds=1)
    database = Database(path)
    with database.read() as connection:
        tally = tally_of(connection, seats_of(registry), rules, as_of)
    database.close()
    view = scores_view(tally, parse(str(YEAR)), rules, as_of)
    found: dict[str, Any] = view.model_dump(mode="json")
    return found


def _reds(scores: dict[str, Any]) -> dict[str, int]:
    return {
        post: round(line["count"])
        for post, score in scores["posts"].items()
        for line in score["lines"]
        if line["ground"] == "red"
    }


@contextmanager
def _served(path: Path) -> Iterator[httpx.Client]:
    port = _free_port()
    command = [sys.executable, "-m", "xunhe_tools.bench.desk.serve", str(path), str(port)]
    server = subprocess.Popen(command)  # noqa: S603  our own module
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=600, trust_env=False) as c:
            _wait(c, server)
            yield c
    finally:
        server.terminate()
        server.wait(30)


def _wait(client: httpx.Client, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and server.poll() is None:
        try:
            client.get("/api/v1/desk/tickets?limit=1").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the console did not start: see its messages above")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
