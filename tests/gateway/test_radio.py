"""The gateway's radio ports: real terminals, an air that loses packets, the store behind."""

import io
import select
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.fakes.beside import radio_air
from tests.gateway.conftest import START, Buoy, Site, minutes
from xunhe.adapters.ingest import Reply
from xunhe.adapters.radio import Radio, RadioPort
from xunhe.adapters.store import schema
from xunhe.settings import RadioPortSettings
from xunhe_buoy import record as wire
from xunhe_buoy.carriers.radio import RadioCarrier
from xunhe_buoy.links import LinkError
from xunhe_buoy.radio_frame import encode, split
from xunhe_tools.virtual_river.radio_air import AirFaults
from xunhe_tools.virtual_river.serial_line import Pty

AIR_BPS = 57_600
STATION = "YX-S1"


class Board:
    """What the firmware's radio carrier asks of its board, on the machine's clock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: io.FileIO | None = None

    def uart(self, name: str, baud: int) -> "Board":
        self.close()
        self._file = io.FileIO(self._path, "r+")
        return self

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def any(self) -> bool:
        return bool(select.select([self._file], [], [], 0)[0])

    def read(self) -> bytes:
        assert self._file is not None
        return self._file.read(256) or b""

    def write(self, data: bytes) -> None:
        assert self._file is not None
        self._file.write(data)

    def ticks_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000

    def ticks_diff(self, later: int, earlier: int) -> int:
        return later - earlier

    def sleep_ms(self, ms: int) -> None:
        time.sleep(ms / 1000)

    def jitter(self) -> float:
        return 0.5


class Wanted:
    baud, air_bps, duty_permille = 9600, AIR_BPS, 1000


def settings(path: Path, **changes: int) -> RadioPortSettings:
    values = {"air_bps": AIR_BPS, "duty_permille": 1000} | changes
    return RadioPortSettings(port=str(path), **values)


Carriers = Callable[[Buoy, Path], RadioCarrier]


@pytest.fixture
def carrier_of() -> Iterator[Carriers]:
    """The firmware's carrier of a buoy on a terminal."""
    boards = []

    def make(buoy: Buoy, path: Path) -> RadioCarrier:
        boards.append(Board(path))
        carrier = RadioCarrier(boards[-1], buoy.address, Wanted)
        carrier.open()
        return carrier

    yield make
    for board in boards:
        board.close()


class Gateway:
    """A radio with the site's store behind it; `serve` until something holds."""

    def __init__(self, site: Site, path: Path) -> None:
        self.values: list[Reply] = []
        stations = {buoy.address.hex(): buoy.station for buoy in site.buoys.values()}
        self.radio = Radio([settings(path)], stations.get, self.values.append)
        self._site = site

    def serve(self, until: Callable[[], bool], seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, "not in time"
            self.radio.ports[0].step()
            self.radio.pump(self._site.ingest, lambda: None)


@pytest.fixture
def gateway(site: Site, tmp_path: Path) -> Iterator[Gateway]:
    found = Gateway(site, tmp_path / "gateway.radio")
    yield found
    found.radio.ports[0].close()


def stored(site: Site) -> int:
    with site.database.read() as connection:
        query = sa.select(sa.func.count()).select_from(schema.record)
        return int(connection.execute(query).scalar_one())


@pytest.mark.parametrize("loss_rate", [0.0, 0.25])
def test_readings_are_stored_once_and_acknowledged_over_the_air(
    site: Site, gateway: Gateway, carrier_of: Carriers, tmp_path: Path, loss_rate: float
) -> None:
    buoy = site.buoys[STATION]
    faults = AirFaults(seed=3, loss_rate=loss_rate, air_bps=AIR_BPS)
    acks: list[wire.Ack] = []

    with radio_air(tmp_path, "gateway", "buoy", faults=faults) as air:
        carrier = carrier_of(buoy, air.paths["buoy"])
        for i in range(8):
            entry = buoy.read(START + minutes(i))
            frame = wire.encode_batch(buoy.address, [entry], buoy.key)
            carrier.send("readings", frame)

        def all_acknowledged() -> bool:
            if (message := carrier.poll(5)) is not None:
                kind, frame = message
                assert kind == "ack"
                acks.append(wire.decode_ack(frame, buoy.address, buoy.key))
            return len({ack.seq for ack in acks}) == 8

        gateway.serve(all_acknowledged)
    assert stored(site) == 8
    assert air.lost > 0 or loss_rate == 0
    assert [reply.latest[STATION].station for reply in gateway.values][-1] == STATION


def test_a_long_message_comes_in_parts_and_an_unknown_device_is_kept_and_not_answered(
    site: Site, gateway: Gateway, carrier_of: Carriers, tmp_path: Path
) -> None:
    buoy = site.buoys[STATION]
    stranger = Buoy("S9", bytes(6), bytes(32))
    faults = AirFaults(air_bps=AIR_BPS)
    with radio_air(tmp_path, "gateway", "buoy", "other", faults=faults) as air:
        carrier = carrier_of(buoy, air.paths["buoy"])
        batch = [buoy.read(START - minutes(40 - i)) for i in range(40)]
        carrier.send("readings", wire.encode_batch(buoy.address, batch, buoy.key))
        entry = stranger.read(START)
        other = carrier_of(stranger, air.paths["other"])

        def say() -> bool:
            carrier.poll(5)
            return stored(site) == 40

        gateway.serve(say)
        other.send("readings", wire.encode_batch(stranger.address, [entry], stranger.key))

        def rejected() -> bool:
            other.poll(5)
            with site.database.read() as connection:
                rows = connection.execute(sa.select(schema.rejected.c.reason)).scalars().all()
            return list(rows) == ["unknown_device"]

        gateway.serve(rejected)


def test_a_port_that_is_not_there_is_an_error_and_opened_when_it_is(
    tmp_path: Path,
) -> None:
    path = tmp_path / "gateway.radio"
    port = RadioPort(settings(path), lambda *_: None)
    with pytest.raises(OSError, match="radio"):
        port.step()
    pty = Pty()
    path.symlink_to(pty.path)
    port.step()
    port.close()
    pty.close()


def test_beyond_its_duty_cycle_a_port_confirms_nothing(tmp_path: Path) -> None:
    heard: list[bytes] = []
    pty = Pty()
    path = tmp_path / "gateway.radio"
    path.symlink_to(pty.path)
    port = RadioPort(settings(path, duty_permille=1, air_bps=1000), lambda *m: heard.append(m[3]))
    port.step()
    port._air.spend(60)  # more than there is
    pty.write(encode(split("report", bytes(6), 0, b"hello")[0]))
    for _ in range(20):
        port.step()
    assert heard == [b"hello"]
    assert pty.read() == b""
    port.close()
    pty.close()


def test_a_buoy_out_of_reach_is_told_so_by_its_own_carrier(
    carrier_of: Carriers, tmp_path: Path
) -> None:
    faults = AirFaults(loss_rate=1.0, air_bps=AIR_BPS)
    with radio_air(tmp_path, "buoy", faults=faults) as air:
        carrier = carrier_of(Buoy("S9", bytes(6), bytes(32)), air.paths["buoy"])
        carrier.send("readings", b"anybody")
        with pytest.raises(LinkError, match="nobody"):
            carrier.poll(20_000)
