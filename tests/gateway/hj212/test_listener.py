"""Stations of others feed the gateway: stored once, answered after the COMMIT, damage kept."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from tests.gateway.conftest import START, StandingClock
from tests.gateway.hj212.vectors import GOOD
from tests.gateway.test_ingest import rows
from xunhe.adapters.inward.hj212.intake import Intake
from xunhe.adapters.inward.hj212.listener import Listener
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.codecs.hj212.deframing import Frame
from xunhe.domain.registry import Registry
from xunhe.outward_settings.hj212 import Hj212InSettings
from xunhe_tools.hj212_platform.wire import Heard, packed, taken

MN = "010000A8900016F000169DC0"
TIME = "20261021005900"


def receiving(**changed: Any) -> Hj212InSettings:
    station = {"mn": MN, "pw": "123456", "place": "YX-S1"}
    return Hj212InSettings.model_validate({"port": 0, "station": [station]} | changed)


def segment(area: str = f"DataTime={TIME};w01001-Rtd=7.12,w01001-Flag=N", **changed: str) -> str:
    head = {"QN": "20261021010000000", "ST": "21", "CN": "2011", "PW": "123456", "MN": MN}
    head |= {"Flag": "5", **changed}
    said = ";".join(f"{name}={value}" for name, value in head.items() if value)
    return f"{said};CP=&&{area}&&"


@pytest.fixture
def intake(database: Database, registry: Registry, clock: StandingClock) -> Intake:
    return Intake(receiving(), database, registry, clock)


def answers(intake: Intake, *segments: str) -> list[Heard | None]:
    """What goes back on connection 1."""
    events = [(1, Frame(each.encode())) for each in segments]
    back = bytearray(b"".join(answer for _, answer in intake.take(events)))
    return [heard for heard, _ in taken(back)]


def values(database: Database) -> list[tuple[str, float]]:
    return [(row.property, row.value) for row in rows(database, schema.external_sample)]


def counts(database: Database) -> dict[str, int]:
    return {row.name: row.n for row in rows(database, schema.counter) if row.n}


def test_an_upload_is_stored_at_its_place_and_answered(intake: Intake, database: Database) -> None:
    (answer,) = answers(intake, segment())
    assert answer is not None
    assert answer.fields == {
        "QN": "20261021010000000",
        "ST": "91",
        "CN": "9014",
        "PW": "123456",
        "MN": MN,
        "Flag": "4",
    }
    (row,) = rows(database, schema.external_sample)
    assert (row.place, row.property, row.value) == ("YX-S1", "ph", 7.12)
    assert (row.source, row.origin) == (f"hj212:{MN}:2011", "QN 20261021010000000")
    assert (START - row.time).total_seconds() == 60


def test_what_comes_again_is_stored_once_and_answered_again(
    intake: Intake, database: Database
) -> None:
    assert len(answers(intake, segment(), segment())) == 2
    assert len(answers(intake, segment(QN="20261021010000001"))) == 1
    assert values(database) == [("ph", 7.12)]
    assert counts(database) == {"external": 1, "hj212.duplicate": 2}


def test_units_and_old_codes_become_ours(intake: Intake, database: Database) -> None:
    answers(intake, segment(f"DataTime={TIME};w20142-Rtd=0.05;011-Rtd=20.5,011-Flag=N"))
    assert values(database) == [("mercury_mg_l", 0.00005), ("cod_mg_l", 20.5)]


def test_a_factors_own_sampling_time_counts(intake: Intake, database: Database) -> None:
    answers(intake, segment(f"DataTime={TIME};w21001-SampleTime=20261020230000,w21001-Rtd=1.5"))
    (row,) = rows(database, schema.external_sample)
    assert (START - row.time).total_seconds() == 7200


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("w01009-Rtd=abc", "not a number"),
        ("w01009-Rtd=6.4,w01009-Flag=D", "Flag=D"),
        ("w01009-Rtd=640", "0—25"),
        ("w99999-Rtd=1", "unknown factor"),
        ("rubbish", "bad field"),
    ],
)
def test_a_value_of_no_use_is_kept_with_its_reason_and_the_others_are_taken(
    intake: Intake, database: Database, item: str, reason: str
) -> None:
    area = f"DataTime={TIME};w01001-Rtd=7.12,w01001-Flag=N;{item}"
    assert len(answers(intake, segment(area))) == 1
    assert values(database) == [("ph", 7.12)]
    (kept,) = rows(database, schema.rejected)
    assert reason in kept.detail
    assert item.encode() in kept.payload


def test_an_unknown_factor_counts_always_and_is_kept_once(
    intake: Intake, database: Database
) -> None:
    area = f"DataTime={TIME};w01003-Rtd=12.5"
    answers(intake, segment(area), segment(area, QN="20261021010000001"))
    assert counts(database)["hj212.unknown_factor"] == 2
    assert len(rows(database, schema.rejected)) == 1


@pytest.mark.parametrize("area", ["w01001-Rtd=7", "DataTime=x;w01001-Rtd=7"])
def test_values_without_a_time_are_kept_and_not_taken(
    intake: Intake, database: Database, area: str
) -> None:
    answers(intake, segment(area))
    assert values(database) == []
    assert "bad time" in rows(database, schema.rejected)[0].detail


def test_a_clock_that_is_a_little_ahead_is_no_reason_to_refuse(
    intake: Intake, database: Database
) -> None:
    ahead, too_far = "20261021010459", "20261021010501"
    answers(intake, segment(f"DataTime={ahead};w01001-Rtd=7"))
    answers(intake, segment(f"DataTime={too_far};w01001-Rtd=7"))
    assert len(values(database)) == 1


def test_the_same_time_with_another_value_is_kept_and_changes_nothing(
    intake: Intake, database: Database
) -> None:
    answers(intake, segment())
    answers(intake, segment(f"DataTime={TIME};w01001-Rtd=8"))
    assert values(database) == [("ph", 7.12)]
    assert "7.12" in rows(database, schema.rejected)[0].detail


@pytest.mark.parametrize(
    ("changed", "detail"), [({"PW": "654321"}, "wrong PW"), ({"MN": "x"}, "unknown MN")]
)
def test_who_does_not_prove_himself_is_kept_and_not_answered(
    intake: Intake, database: Database, changed: dict[str, str], detail: str
) -> None:
    assert answers(intake, segment(**changed)) == []
    (kept,) = rows(database, schema.rejected)
    assert (kept.reason, kept.detail) == ("hj212", detail)
    assert values(database) == []


def test_packets_of_the_2005_kind_are_read_and_not_answered(
    database: Database, registry: Registry, clock: StandingClock
) -> None:
    station = {"mn": "LD130133000015", "pw": "123456", "place": "YX-S1"}
    intake = Intake(receiving(station=[station]), database, registry, clock)
    assert answers(intake, GOOD[5]["segment"]) == []  # no QN, no Flag
    assert values(database) == [("cod_mg_l", 231.0), ("nh3n_mg_l", 1.803)]


def test_no_answer_is_given_where_none_is_wanted(intake: Intake, database: Database) -> None:
    assert answers(intake, segment(Flag="4")) == []
    assert len(values(database)) == 1


def test_what_is_not_taken_is_answered_and_counted(intake: Intake, database: Database) -> None:
    area = f"DataTime={TIME};w01001-Avg=7.12"
    assert len(answers(intake, segment(area, CN="2061"))) == 1
    assert counts(database) == {"hj212.not_taken": 1}


def test_means_are_taken_where_the_settings_say_so(
    database: Database, registry: Registry, clock: StandingClock
) -> None:
    intake = Intake(receiving(takes=["2061"]), database, registry, clock)
    answers(intake, segment(f"DataTime={TIME};w01001-Min=7,w01001-Avg=7.1,w01001-Max=8", CN="2061"))
    assert values(database) == [("ph", 7.1)]


def test_a_command_without_values_is_kept_and_answered(intake: Intake, database: Database) -> None:
    assert len(answers(intake, segment(f"DataTime={TIME};RestartTime={TIME}", CN="2081"))) == 1
    assert rows(database, schema.rejected)[0].detail == "CN 2081 holds no values"


def test_packets_of_a_split_upload_are_used_as_they_come_and_missing_ones_counted(
    intake: Intake, database: Database, clock: StandingClock
) -> None:
    parts = {"Flag": "7", "PNUM": "2", "PNO": "1"}
    assert len(answers(intake, segment(**parts))) == 1
    assert values(database) == [("ph", 7.12)]
    clock.at += timedelta(minutes=2)
    answers(intake, segment(QN="20261021010200000"))
    assert counts(database)["hj212.incomplete"] == 1


def test_who_asks_for_the_time_is_answered_and_told(intake: Intake) -> None:
    answer, told = answers(intake, segment("PolId=w01001", CN="1013"))
    assert answer is not None
    assert told is not None
    assert (answer.fields["CN"], answer.fields["QN"]) == ("9013", "20261021010000000")
    assert (told.fields["CN"], told.fields["Flag"]) == ("1012", "5")
    assert told.area == "SystemTime=20261021010000"


def test_in_the_surface_water_dialect_the_answer_says_so(
    database: Database, registry: Registry, clock: StandingClock
) -> None:
    intake = Intake(receiving(dialect="surface-water-2017"), database, registry, clock)
    area = f"DataTime={TIME};w01003-Rtd=12.5,w01003-Flag=N"
    (answer,) = answers(intake, segment(area, Flag="9"))
    assert answer is not None
    assert (answer.fields["Flag"], answer.area) == ("9", "QnRtn=1")
    assert values(database) == [("turbidity_ntu", 12.5)]


class Station:
    """A station's end of a connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(0.02)
        self.back = bytearray()

    def heard(self) -> list[str]:
        with suppress(TimeoutError):
            self.back += self.socket.recv(65536)
        return [heard.fields["CN"] for heard, _ in taken(self.back) if heard]


@pytest.fixture
def seconds() -> list[float]:
    return [0.0]


@pytest.fixture
def listener(intake: Intake, seconds: list[float]) -> Iterator[Listener]:
    settings = receiving(most_connections=2, idle_s=60)
    listener = Listener(settings, intake, lambda: seconds[0])
    yield listener
    listener.close()


@pytest.fixture
def station(listener: Listener) -> Iterator[Station]:
    station = Station(listener.port)
    yield station
    station.socket.close()


def until(listener: Listener, is_true: Callable[[], bool]) -> bool:
    for _ in range(2000):
        listener.step(0.01)
        if is_true():
            return True
    return False


def test_uploads_come_over_tcp_in_any_pieces(
    listener: Listener, station: Station, database: Database
) -> None:
    wire = b"noise" + packed(segment())
    for at in range(0, len(wire), 50):
        station.socket.sendall(wire[at : at + 50])
        listener.step(0.01)
    assert until(listener, lambda: station.heard() == ["9014"])
    assert values(database) == [("ph", 7.12)]


def test_half_a_frame_is_given_up_after_a_silent_gap_and_the_next_is_taken(
    listener: Listener, station: Station, database: Database, seconds: list[float]
) -> None:
    station.socket.sendall(b"##1000" + packed(segment()))
    listener.step(0.05)
    listener.step(0.05)
    assert values(database) == []
    seconds[0] = 6.0
    assert until(listener, lambda: station.heard() == ["9014"])
    assert [row.detail for row in rows(database, schema.rejected)] == ["incomplete"]


def test_a_silent_station_is_hung_up_on(
    listener: Listener, station: Station, seconds: list[float]
) -> None:
    listener.step(0.05)
    seconds[0] = 61.0
    listener.step(0.0)
    assert station.socket.recv(10) == b""


def test_no_more_stations_than_the_settings_allow(listener: Listener, station: Station) -> None:
    others = [Station(listener.port) for _ in range(2)]
    for _ in range(4):
        listener.step(0.02)
    assert others[1].socket.recv(10) == b""
    for other in others:
        other.socket.close()


def test_a_station_that_hangs_up_before_its_answer_loses_nothing(
    listener: Listener, station: Station, database: Database
) -> None:
    station.socket.sendall(packed(segment()))
    station.socket.close()
    assert until(listener, lambda: values(database) == [("ph", 7.12)])
