"""The demo's registry, a fresh database, a clock that stands still, and an enrolled buoy."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import xunhe_tools
from tests.conftest import ENGINES
from tests.stores import migrated_file
from xunhe.adapters import registry_file
from xunhe.adapters.frames import Message
from xunhe.adapters.ingest import Ingest
from xunhe.adapters.rules_file import shipped_tables
from xunhe.adapters.store import devices
from xunhe.adapters.store.database import Database
from xunhe.alerts.rulebook import RuleBook, changed, rulebook
from xunhe.domain.registry import Registry
from xunhe_buoy import record as wire

START = datetime(2026, 10, 20, 17, 0, tzinfo=UTC)  # 01:00 in Asia/Shanghai
DEMO_REGISTRY = Path(xunhe_tools.__file__).parent / "demo_registry"


@dataclass
class StandingClock:
    """A clock that moves only when told."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def when(self, machine_s: float) -> datetime:
        return datetime.fromtimestamp(machine_s, UTC)


@dataclass
class Buoy:
    """Signs batches as the firmware does, by the same record module."""

    station: str
    address: bytes
    key: bytes
    boot: int = 1
    seq: int = 0
    log: list[wire.Record] = field(default_factory=list)

    def read(self, at: datetime, **values: float | None) -> wire.Record:
        """A record of these values; what is not named is ordinary water.

        Probes that live never show the same for an hour: each value moves by a hundredth.
        """
        self.seq += 1
        water = {
            "water_temp_c": 17.0,
            "ph": 7.6,
            "do_mg_l": 7.2,
            "nh3n_mg_l": 0.35,
            "battery_v": 3.9,
            **values,
        }
        scaled = tuple(self._scaled(water[name], divisor) for name, divisor in wire.RIVER.channels)
        flags = tuple(wire.MISSING if v is None else wire.GOOD for v in scaled)
        record = wire.Record(self.boot, self.seq, round(at.timestamp()), scaled, flags)
        self.log.append(record)
        return record

    def _scaled(self, value: float | None, divisor: int) -> int | None:
        scaled = wire.scale(value, divisor)
        return None if scaled is None else scaled + (self.seq - 1) % 2 * max(1, divisor // 100)

    def send(self, *records: wire.Record) -> Message:
        """The signed frame of these records as it comes in by MQTT."""
        frame = wire.encode_batch(self.address, list(records), self.key)
        return Message(f"xunhe/v1/{self.station}/readings", frame, len(frame))


@pytest.fixture(scope="session")
def registry() -> Registry:
    return registry_file.load(DEMO_REGISTRY)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of the store runs on each engine that carries it."""
    is_marked = metafunc.definition.get_closest_marker("on_both_engines") is not None
    if is_marked and "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", ENGINES)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """What carries the store of a test: `sqlite` unless the test or the command line says so."""
    return str(request.config.getoption("--store"))


@pytest.fixture
def address(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> str:
    """Of a migrated, empty store of this test's own."""
    if engine == "sqlite":
        return str(migrated_file(tmp_path / "xunhe.sqlite3"))
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    database = Database(address)
    yield database
    database.close()


@pytest.fixture
def buoys(database: Database, registry: Registry) -> dict[str, Buoy]:
    found = {}
    with database.write() as connection:
        for i, station in enumerate(registry.stations):
            buoy = Buoy(station, bytes([2, 0, 0, 0, 0, i]), bytes([i] * 32))
            enrolled = devices.Device(buoy.address.hex(), station, buoy.key)
            devices.enrol(connection, enrolled, START)
            found[station] = buoy
    return found


@pytest.fixture
def ingest(database: Database, registry: Registry, clock: StandingClock) -> Ingest:
    return Ingest(database, registry, clock, rules_with({"silent_station": {"intervals": 30}}))


def rules_with(changes: dict[str, Any], **tables: Any) -> RuleBook:
    """The shipped rules with some of them changed."""
    return rulebook(changed(shipped_tables(), {"rule": changes, **tables}), "a test")


@dataclass(frozen=True)
class Site:
    """A gateway with its river: what most stories need together."""

    registry: Registry
    database: Database
    clock: StandingClock
    ingest: Ingest
    buoys: dict[str, Buoy]


@pytest.fixture
def site(
    registry: Registry,
    database: Database,
    clock: StandingClock,
    ingest: Ingest,
    buoys: dict[str, Buoy],
) -> Site:
    return Site(registry, database, clock, ingest, buoys)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)
