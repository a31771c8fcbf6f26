"""From a buoy's frame at a gateway to the desk's store and back, through real brokers."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.mosquitto import MOSQUITTO, mosquitto
from tests.gateway.conftest import Buoy, StandingClock
from tests.province.brokers import nats_node
from tests.province.conftest import LAND, ONE, Desk
from xunhe.adapters import rules_file
from xunhe.adapters.ingest import Ingest
from xunhe.adapters.province.jetstream import JetStreamLine
from xunhe.adapters.province.line import Line, LineError
from xunhe.adapters.province.shared import SharedLine, prove_sharing
from xunhe.adapters.province.uplink import Uplink
from xunhe.adapters.province.worker import Worker
from xunhe.adapters.store import upward
from xunhe.adapters.store.database import Database
from xunhe.desk.rules import DeskRules
from xunhe.domain.registry import Registry
from xunhe.outward_settings.upstream import ProvinceSettings
from xunhe.settings import StreamSettings
from xunhe_tools.province.land import key_of
from xunhe_tools.province.plan import enrol_buoys

PATIENCE_S = 60.0


class GatewayHere:
    """A gateway of the province without its broker: its intake, its store, its link to the desk."""

    def __init__(self, store: Path, registry: Registry, mqtt_port: int, again_s: float = 1) -> None:
        self.clock = StandingClock()
        self.database = Database(store)
        with self.database.write() as connection:
            enrol_buoys(connection, LAND, [ONE], self.clock.now())
        self.ingest = Ingest(
            self.database,
            registry,
            self.clock,
            rules_file.shipped(),
            desk=DeskRules(is_elsewhere=True),
        )
        settings = ProvinceSettings(
            name=ONE,
            host="127.0.0.1",
            port=mqtt_port,
            tls=False,
            key=key_of(ONE).hex(),
            again_s=again_s,
        )
        self.uplink = Uplink(settings, self.database)

    def waiting(self) -> int:
        with self.database.read() as connection:
            return upward.count(connection)

    def measure(self, buoy: Buoy, **values: float) -> None:
        self.ingest.take([buoy.send(buoy.read(self.clock.now(), **values))])

    def close(self) -> None:
        self.uplink.close()
        self.database.close()


@pytest.fixture
def make_gateway(
    empty_store: Path, tmp_path: Path, registry: Registry
) -> Iterator[Callable[[int], GatewayHere]]:
    made: list[GatewayHere] = []

    def make(port: int) -> GatewayHere:
        store = tmp_path / "gateway.sqlite3"
        store.write_bytes(empty_store.read_bytes())
        made.append(GatewayHere(store, registry, port))
        return made[-1]

    yield make
    for gateway in made:
        gateway.close()


def carry(gateway: GatewayHere, worker: Worker) -> None:
    """Let both sides work until nothing waits."""
    end_s = time.monotonic() + PATIENCE_S
    while gateway.waiting() and time.monotonic() < end_s:
        gateway.uplink.step()
        worker.step()
    assert gateway.waiting() == 0


def bring_a_discharge(gateway: GatewayHere, buoy: Buoy) -> None:
    """Clean water, then foul: the gateway finds it."""
    for nh3n_mg_l in (0.3, 0.3, 0.3, 0.3, 3.4, 3.4, 3.4):
        gateway.measure(buoy, nh3n_mg_l=nh3n_mg_l)
        gateway.clock.at = gateway.clock.at.fromtimestamp(
            gateway.clock.at.timestamp() + 900, gateway.clock.at.tzinfo
        )


def check_the_whole_way(gateway: GatewayHere, desk: Desk, line: Line, buoy: Buoy) -> None:
    worker = Worker(line, desk.intake, 100, lambda: None)
    bring_a_discharge(gateway, buoy)
    desk.clock.at = gateway.clock.at
    assert gateway.waiting() > 7  # the frames and what was found
    carry(gateway, worker)
    assert (desk.count("record"), desk.count("rejected")) == (7, 0)
    assert (desk.count("incident"), desk.count("ticket")) == (1, 1)
    with gateway.database.read() as connection:
        own = connection.exec_driver_sql("SELECT count(*) FROM ticket").scalar_one()
    assert own == 0, "the tickets of a province are opened at its desk"


def test_readings_and_findings_go_through_a_jetstream_and_are_receipted(
    tmp_path: Path, desk: Desk, make_gateway: Callable[[int], GatewayHere], buoy: Buoy
) -> None:
    with nats_node(tmp_path) as node:
        line = JetStreamLine(StreamSettings(nats=(node.address,), replicas=1))
        line.start()
        try:
            check_the_whole_way(make_gateway(node.ports.mqtt), desk, line, buoy)
        finally:
            line.close()


def test_readings_and_findings_go_through_shared_subscriptions_and_are_receipted(
    tmp_path: Path, desk: Desk, make_gateway: Callable[[int], GatewayHere], buoy: Buoy
) -> None:
    with broker(tmp_path) as port:
        line = SharedLine(StreamSettings(mqtt_host="127.0.0.1", mqtt_port=port))
        line.start()
        try:
            _await(lambda: line.is_up)
            check_the_whole_way(make_gateway(port), desk, line, buoy)
        finally:
            line.close()


def test_a_parcel_that_nobody_took_waits_at_its_gateway_and_goes_again(
    tmp_path: Path, desk: Desk, make_gateway: Callable[[int], GatewayHere], buoy: Buoy
) -> None:
    """The broker confirms what it keeps for nobody: its PUBACK frees nothing."""
    with broker(tmp_path) as port:
        gateway = make_gateway(port)
        gateway.measure(buoy)
        for _ in range(10):
            gateway.uplink.step()
        assert gateway.waiting() == 1
        line = SharedLine(StreamSettings(mqtt_host="127.0.0.1", mqtt_port=port))
        line.start()
        try:
            carry(gateway, Worker(line, desk.intake, 100, lambda: None))
        finally:
            line.close()
    assert desk.count("record") == 1


def test_mosquitto_proves_that_it_shares(tmp_path: Path) -> None:
    with broker(tmp_path) as port:
        prove_sharing(StreamSettings(mqtt_host="127.0.0.1", mqtt_port=port))


def test_a_broker_that_grants_a_shared_subscription_and_delivers_nothing_is_refused(
    tmp_path: Path,
) -> None:
    with nats_node(tmp_path) as node, pytest.raises(LineError, match="0 and 0"):
        prove_sharing(StreamSettings(mqtt_host="127.0.0.1", mqtt_port=node.ports.mqtt))


def test_a_broker_that_is_not_there_is_named() -> None:
    with pytest.raises(LineError, match=r"127\.0\.0\.1:1"):
        prove_sharing(StreamSettings(mqtt_host="127.0.0.1", mqtt_port=1))


def broker(folder: Path):  # type: ignore[no-untyped-def]
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    return mosquitto(folder)


def _await(true: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end_s
        time.sleep(0.01)
