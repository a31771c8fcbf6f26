"""The figures of `xunhe bench province`.

readings_per_s   committed and receipted a second, by number of workers: from the moment at which
                 they are let go, with everything in the stream, to the last receipt at the gateways
efficiency       of two workers: their rate over twice that of one
by_history       the same with two workers and so many readings in the store already
plan             on paper: see paper.py
Broker nodes, database, workers and the gateways' side share this machine.
"""

import os
import platform as machine
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from xunhe.adapters.store.database import Database
from xunhe_tools.bench.province import history
from xunhe_tools.bench.province.load import READINGS_A_BATCH, Load, parcels
from xunhe_tools.bench.province.paper import Measured, Prices, plan
from xunhe_tools.private_postgres import PrivatePostgres
from xunhe_tools.province.chain import await_said
from xunhe_tools.province.land import INTERVAL_S, Land
from xunhe_tools.province.nodes import Node, make_nodes
from xunhe_tools.province.plan import Plan, Worker, make_database

_POSTGRES = {"shared_buffers": "256MB", "max_wal_size": "2GB", "checkpoint_timeout": "15min"}


@dataclass(frozen=True, slots=True)
class Form:
    """What is measured: `parcels` of ten readings at each point, the mean of `rounds`."""

    gateways: int
    buoys: int
    parcels: int
    workers: tuple[int, ...]
    history: tuple[int, ...]
    rounds: int


SHORT = Form(1000, 100, 10_000, (1, 2, 4), (1_000_000,), 2)
FULL = Form(1000, 100, 50_000, (1, 2, 4), (1_000_000, 10_000_000), 3)


@dataclass
class Bed:
    """One province that is measured again and again."""

    form: Form
    folder: Path
    nodes: list[Node]
    url: str
    load: Load
    chance: random.Random
    turn: int = 0
    wire_bytes: float = 0.0

    def rate(self, workers: int) -> float:
        """Readings a second with so many fresh workers."""
        made = parcels(self._land, self.form.parcels, self.turn, int(time.time()), self.chance)
        self.turn += 1
        count = len(made) * READINGS_A_BATCH
        self.wire_bytes = sum(len(wire) for _, wire in made) / count
        with self._at_work(workers) as staff:
            _signal(staff, signal.SIGSTOP)
            self.load.publish(made)
            begun_s = time.monotonic()
            _signal(staff, signal.SIGCONT)
            self.load.wait()
        return count / (self.load.answered_s - begun_s)

    @property
    def _land(self) -> Land:
        return Land(self.form.gateways, self.form.buoys)

    @contextmanager
    def _at_work(self, count: int) -> Iterator[list[Worker]]:
        place = Plan(self.folder, self._land)
        numbers = range(100 * self.turn, 100 * self.turn + count)
        staff = [place.worker(number, self.nodes, self.url) for number in numbers]
        with ExitStack() as stack:
            for worker in staff:
                worker.child.start()
                stack.callback(worker.child.stop)
            for worker in staff:
                await_said(worker.child, "startup complete")
            yield staff


def measure(form: Form, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    """About five minutes in the short form."""
    with _bed(form, seed, say) as bed:
        rates = _by_workers(bed, say)
        by_history = dict(_by_history(bed, say))
        database = Database(bed.url)
        store_bytes = history.bytes_a_reading(database)
        database.close()
    measured = Measured(rates["1"], round(store_bytes, 1), round(bed.wire_bytes, 1))
    prices = Prices()
    return {
        "n": {"gateways": form.gateways, "buoys": form.gateways * form.buoys}
        | {"readings_a_point": form.parcels * READINGS_A_BATCH, "rounds": form.rounds},
        "seed": seed,
        "machine": f"{machine.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "readings_per_s": rates,
        "efficiency": round(rates["2"] / (2 * rates["1"]), 2),
        "by_history": by_history,
        "store_bytes_a_reading": measured.store_bytes,
        "wire_bytes_a_reading": measured.wire_bytes,
        "prices_assumed_cny": asdict(prices),
        "plan": [plan(measured, buoys, INTERVAL_S, prices) for buoys in (10_000, 100_000)],
    }


def _by_workers(bed: Bed, say: Callable[[str], None]) -> dict[str, int]:
    """Each number in every round, so that what else the machine does falls on all of them."""
    found: dict[int, list[float]] = {workers: [] for workers in bed.form.workers}
    for _ in range(bed.form.rounds):
        for workers, rates in found.items():
            rates.append(bed.rate(workers))
            say(f"{workers} 个工作进程 workers: {rates[-1]:.0f} 条每秒 readings/s")
    return {str(workers): round(mean(rates)) for workers, rates in found.items()}


def _by_history(bed: Bed, say: Callable[[str], None]) -> Iterator[tuple[str, int]]:
    database = Database(bed.url)
    for wanted in bed.form.history:
        found = history.grow(database, wanted)
        rate = round(bed.rate(2))
        say(f"库中已有 {found} 条 readings in the store: {rate} 条每秒 readings/s")
        yield str(found), rate
    database.close()


@contextmanager
def _bed(form: Form, seed: int, say: Callable[[str], None]) -> Iterator[Bed]:
    land = Land(form.gateways, form.buoys)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="xunhe-bench-province-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        say(f"{form.gateways} 个网关 gateways × {form.buoys} 个浮标 buoys")
        Plan(folder, land).lay_out()
        server = PrivatePostgres.temporary(**_POSTGRES)
        stack.callback(shutil.rmtree, server.folder, ignore_errors=True)
        server.start()
        stack.callback(server.stop)
        url = make_database(server, land)
        nodes = make_nodes(folder)
        for node in nodes:
            node.child.start()
            stack.callback(node.child.stop)
        load = Load(nodes)
        stack.callback(load.close)
        chance = random.Random(seed)  # noqa: S311  water, no secret
        bed = Bed(form, folder, nodes, url, load, chance)
        _warm_up(bed)
        yield bed


def _warm_up(bed: Bed) -> None:
    """A worker makes the stream; the gateways' side can connect then."""
    with bed._at_work(1):
        bed.load.open()
    bed.turn += 1


def _signal(staff: Sequence[Worker], what: signal.Signals) -> None:
    for worker in staff:
        if worker.child.process is not None:
            worker.child.process.send_signal(what)
