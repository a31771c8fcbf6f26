"""A province's desk with two gateways enrolled, on either engine; gateways that judge."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.gateway.conftest import Buoy, StandingClock
from xunhe.adapters import registry_file, rules_file
from xunhe.adapters.province.frames import FrameDesk
from xunhe.adapters.province.intake import Carried, DeskIntake
from xunhe.adapters.province.parcel import Parcel, encode_parcel
from xunhe.adapters.province.steps import StepDesk
from xunhe.adapters.store import devices, gateways
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.domain.network import Network
from xunhe.domain.registry import Registry
from xunhe_tools.province.land import Land, key_of

LAND = Land(2, 3)
ONE, OTHER = LAND.codes()


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("province") / "registry"
    LAND.write(folder)
    return registry_file.load(folder)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "store.sqlite3"
    Database.open(path).close()
    return path


@pytest.fixture
def database(empty_store: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty store of the province; test_on_postgresql.py has another."""
    opened = Database(shutil.copy(empty_store, tmp_path / "province.sqlite3"))
    yield opened
    opened.close()


@dataclass
class Sender:
    """A gateway's hand: numbers and signs what it sends."""

    code: str = ONE
    key: bytes = field(default_factory=lambda: key_of(ONE))
    number: int = 0

    def parcel(self, subject: str, body: bytes) -> Carried:
        self.number += 1
        return self.again(Parcel(self.number, 1_790_000_000_000, subject, body))

    def again(self, parcel: Parcel) -> Carried:
        return Carried(self.code, encode_parcel(self.code, parcel, self.key))

    def frame(self, buoy: Buoy, *, count: int = 1, at: StandingClock | None = None) -> Carried:
        clock = at or StandingClock()
        message = buoy.send(*(buoy.read(clock.now()) for _ in range(count)))
        return self.parcel(f"{buoy.station}/readings", message.payload)


@dataclass
class Desk:
    """The intake of one worker."""

    database: Database
    registry: Registry
    clock: StandingClock = field(default_factory=StandingClock)

    def __post_init__(self) -> None:
        book = IncidentBook(Network(self.registry), rules_file.shipped())
        steps = StepDesk(self.registry, book)
        self.intake = DeskIntake(self.database, self.clock, FrameDesk(self.registry), steps)

    def count(self, table: str) -> int:
        with self.database.read() as connection:
            query = f"SELECT count(*) FROM {table}"
            return int(connection.exec_driver_sql(query).scalar_one())

    def rejections(self) -> list[str]:
        with self.database.read() as connection:
            return list(connection.exec_driver_sql("SELECT reason FROM rejected").scalars())


@pytest.fixture
def desk(database: Database, registry: Registry) -> Desk:
    made = Desk(database, registry)
    with database.write() as connection:
        for code in LAND.codes():
            gateways.enrol(connection, code, key_of(code), made.clock.now())
            for buoy in LAND.buoys_of(code):
                one = devices.Device(buoy.address.hex(), buoy.station, buoy.key)
                devices.enrol(connection, one, made.clock.now())
    return made


@pytest.fixture
def buoy() -> Buoy:
    first = LAND.buoys_of(ONE)[0]
    return Buoy(first.station, first.address, first.key)


@pytest.fixture
def sender() -> Sender:
    return Sender()
