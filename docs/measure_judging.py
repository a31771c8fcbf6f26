"""What a reading costs the gateway, from its signed frame to the COMMIT, one to a frame.

    python docs/measure_judging.py --stations 10000 --measured 60

All stations are registered and enrolled. Those measured have full windows in the store: twelve
hours of readings, one a minute, and two weeks of hourly medians. Every one of them sends a few
frames, a hundred frames a transaction as the link takes them. Prints milliseconds of CPU a reading
and how many stations at one reading a minute that makes on one core. Noise is seeded.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

import xunhe_tools
from xunhe.adapters import registry_file
from xunhe.adapters.ingest import Ingest, Message
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store import devices, schema
from xunhe.adapters.store.database import Database
from xunhe.domain.registry import Registry
from xunhe_buoy import record as wire

BEGIN = datetime(2026, 10, 20, 17, 0, tzinfo=UTC)
WINDOW = timedelta(hours=12)
HISTORY = timedelta(days=14)
ROUNDS = 10  # readings of each measured station, after one that fills the memory
BATCH = 100
KEY = bytes(32)
USUAL = {"water_temp_c": 17.0, "ph": 7.6, "do_mg_l": 7.2, "nh3n_mg_l": 0.35, "battery_v": 3.9}


class StandingClock:
    """The gateway's time, set from outside."""

    at = BEGIN

    def now(self) -> datetime:
        """The present."""
        return self.at

    def when(self, machine_s: float) -> datetime:
        """Not asked for here."""
        return datetime.fromtimestamp(machine_s, UTC)


def river(stations: int) -> Registry:
    """The demo's river with that many stations along its first reach."""
    registry = registry_file.load(Path(xunhe_tools.__file__).parent / "demo_registry")
    first = next(iter(registry.stations.values()))
    reach = registry.reaches[first.reach]
    places = {
        f"S{i}": replace(first, code=f"S{i}", position_m=reach.length_m * i / stations)
        for i in range(stations)
    }
    return replace(registry, stations={**registry.stations, **places})


def address(station: int) -> bytes:
    """A buoy's address."""
    return b"\2" + station.to_bytes(5, "big")


def enrol(database: Database, stations: int) -> None:
    """Every station's buoy, all with one key."""
    with database.write() as connection:
        for i in range(stations):
            device = devices.Device(address(i).hex(), f"S{i}", KEY)
            devices.enrol(connection, device, BEGIN)


def fill(database: Database, measured: int, rng: np.random.Generator) -> None:
    """Windows and hours of the measured stations, as the gateway would have left them."""
    minutes = [BEGIN - timedelta(minutes=m) for m in range(1, WINDOW // timedelta(minutes=1))]
    hours = [BEGIN - timedelta(hours=h) for h in range(1, HISTORY // timedelta(hours=1))]
    with database.write() as connection:
        for i in range(measured):
            for prop, usual in USUAL.items():
                key = {"station": f"S{i}", "property": prop}
                noise = usual * (1 + 0.01 * rng.standard_normal(len(minutes) + len(hours)))
                values = [round(float(v), 3) for v in noise]
                device = {"device": address(i).hex(), "boot": 0, "flag": 1}
                connection.execute(
                    schema.observation.insert(),
                    [
                        {**key, **device, "time": at, "seq": n, "value": values[n]}
                        for n, at in enumerate(minutes)
                    ],
                )
                connection.execute(
                    schema.hourly_median.insert(),
                    [
                        {**key, "start": at, "median": values[-1 - n], "count": 60}
                        for n, at in enumerate(hours)
                    ],
                )


def frames(measured: int, at: datetime, seq: int, rng: np.random.Generator) -> Iterator[Message]:
    """One reading of every measured station."""
    for i in range(measured):
        scaled = tuple(
            wire.scale(USUAL[name] * (1 + 0.01 * rng.standard_normal()), divisor)
            for name, divisor in wire.RIVER.channels
        )
        flags = tuple(wire.GOOD for _ in scaled)
        record = wire.Record(1, seq, round(at.timestamp()), scaled, flags)
        frame = wire.encode_batch(address(i), [record], KEY)
        yield Message(f"xunhe/v1/S{i}/readings", frame, len(frame))


def send(ingest: Ingest, messages: list[Message]) -> tuple[float, float]:
    """CPU and wall seconds until all are committed."""
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    for i in range(0, len(messages), BATCH):
        ingest.take(messages[i : i + BATCH])
    return time.process_time() - cpu_s, time.perf_counter() - wall_s


def measure(folder: Path, stations: int, measured: int) -> None:
    """Fill, warm up, measure, print."""
    rng = np.random.default_rng(1)
    database = Database(folder / "x.sqlite3")
    database.migrate()
    enrol(database, stations)
    fill(database, measured, rng)
    clock = StandingClock()
    ingest = Ingest(database, river(stations), clock, shipped())
    cpu_s, _ = send(ingest, list(frames(measured, BEGIN, 1, rng)))
    print(
        f"first reading after a start, its window from the store: {cpu_s / measured * 1e3:.1f} ms"
    )
    spent_cpu_s = spent_wall_s = 0.0
    for n in range(1, ROUNDS + 1):
        clock.at = BEGIN + timedelta(minutes=n)
        cpu_s, wall_s = send(ingest, list(frames(measured, clock.at, n + 1, rng)))
        spent_cpu_s, spent_wall_s = spent_cpu_s + cpu_s, spent_wall_s + wall_s
    readings = measured * ROUNDS
    database.close()
    cpu_ms, wall_ms = spent_cpu_s / readings * 1e3, spent_wall_s / readings * 1e3
    print(f"{cpu_ms:.2f} ms of CPU a reading ({wall_ms:.2f} ms on the clock)")
    print(f"{60e3 / cpu_ms:.0f} stations at one a minute on one core")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stations", type=int, default=10_000)
    parser.add_argument("--measured", type=int, default=60)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measure(Path(temporary), arguments.stations, arguments.measured)
