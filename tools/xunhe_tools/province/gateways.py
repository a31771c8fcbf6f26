"""Simulated gateways: their own intake, store and link to the desk are the real ones.

Only the water and the boards are invented: each buoy's frame is made here and handed to the intake
as the broker would. Run as a process of its own: `python -m xunhe_tools.province.gateways FILE`.
"""

import itertools
import json
import logging
import random
import shutil
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from xunhe.adapters import registry_file, rules_file
from xunhe.adapters.frames import Message
from xunhe.adapters.ingest import Ingest
from xunhe.adapters.province.uplink import Uplink
from xunhe.adapters.store import schema, upward
from xunhe.adapters.store.database import Database
from xunhe.desk.rules import DeskRules
from xunhe.domain.clock import ScaledClock
from xunhe.domain.registry import Registry
from xunhe.outward_settings.upstream import ProvinceSettings
from xunhe_tools.province import water
from xunhe_tools.province.land import INTERVAL_S, Buoy, Land, key_of
from xunhe_tools.province.plan import enrol_buoys

READY = "gateways are ready"
_IDLE_S = 0.05
_CLEAN, _FOUL = 16, 6  # readings of a buoy: clean ones, then a discharge, and again


@dataclass(frozen=True, slots=True)
class Course:
    """How the river runs: `every_s` seconds stand for INTERVAL_S of it."""

    wall_s: float
    river_s: float
    every_s: float
    seed: int

    def clock(self) -> ScaledClock:
        """The river's."""
        return ScaledClock(self.wall_s, self.river_s, INTERVAL_S / self.every_s)


class SimulatedGateway:
    """One gateway with its buoys, in a thread of its own."""

    def __init__(
        self,
        code: str,
        land: Land,
        store: Path,
        settings: ProvinceSettings,
        course: Course,
        registry: Registry,
    ) -> None:
        self._buoys = land.buoys_of(code)
        self._course, self._clock = course, course.clock()
        self._database = Database.open(store)
        with self._database.write() as connection:
            enrol_buoys(connection, land, [code], self._clock.now())
        self._chance = random.Random(f"{course.seed} {code}")  # noqa: S311  water, no secret
        rules = rules_file.shipped()
        self._ingest = Ingest(
            self._database, registry, self._clock, rules, desk=DeskRules(is_elsewhere=True)
        )
        self._uplink = Uplink(settings, self._database)
        self._seqs = {buoy.station: self._last_seq(buoy) for buoy in self._buoys}

    def run(self, ending: threading.Event) -> None:
        """Measure and send; at the end send only, until the desk has everything."""
        pause_s = self._course.every_s / len(self._buoys)
        due_s = time.monotonic()
        for buoy in itertools.cycle(self._buoys):
            if ending.is_set():
                break
            self._measure(buoy)
            due_s += pause_s
            while self._uplink.step() or time.monotonic() < due_s:
                time.sleep(_IDLE_S)
        while self._waiting():
            if not self._uplink.step():
                time.sleep(_IDLE_S)

    def _waiting(self) -> int:
        with self._database.read() as connection:
            return upward.count(connection)

    def _measure(self, buoy: Buoy) -> None:
        seq = self._seqs[buoy.station] = self._seqs[buoy.station] + 1
        is_foul = (seq + 5 * int(buoy.gateway[1:])) % (_CLEAN + _FOUL) >= _CLEAN
        is_first = buoy is self._buoys[0]
        at_s = round(self._clock.now().timestamp())
        records = water.readings(self._chance, [at_s], seq, is_foul=is_foul and is_first)
        frame = water.batch(buoy, records)
        topic = f"xunhe/v1/{buoy.station}/readings"
        self._ingest.take([Message(topic, frame, len(frame))])

    def _last_seq(self, buoy: Buoy) -> int:
        record = schema.record
        query = sa.select(sa.func.max(record.c.seq)).where(record.c.device == buoy.address.hex())
        with self._database.read() as connection:
            return connection.execute(query).scalar() or 0


def main() -> None:
    """Run all gateways of a file until SIGTERM, and then until the desk has everything."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    plan: Mapping[str, Any] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    land, folder = Land(**plan["land"]), Path(plan["folder"])
    registry = registry_file.load(Path(plan["registry"]))
    course = Course(**plan["course"])
    ending, threads = threading.Event(), []
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    for turn, code in enumerate(land.codes()):
        gateway = SimulatedGateway(
            code, land, _store(folder, code), _settings(code, plan["mqtt"], turn), course, registry
        )
        threads.append(threading.Thread(target=gateway.run, args=(ending,), daemon=True))
        threads[-1].start()
    print(READY, flush=True)
    for thread in threads:
        thread.join()


def _store(folder: Path, code: str) -> Path:
    """A gateway's file; a new one is a copy of the first, which spares the migrations."""
    path, empty = folder / f"{code}.sqlite3", folder / "empty.sqlite3"
    if not empty.exists():
        Database.open(empty).close()
    if not path.exists():
        shutil.copy(empty, path)
    return path


def _settings(code: str, ports: list[int], turn: int) -> ProvinceSettings:
    """Gateways begin at different nodes and know them all."""
    turned = ports[turn % len(ports) :] + ports[: turn % len(ports)]
    return ProvinceSettings(
        name=code,
        host="127.0.0.1",
        port=turned[0],
        tls=False,
        key=key_of(code).hex(),
        nodes=tuple(f"127.0.0.1:{port}" for port in turned[1:]),
    )


if __name__ == "__main__":
    main()
