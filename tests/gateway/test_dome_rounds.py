"""Tours of dome cameras count as patrols, once a day, by the water that they see."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tests.gateway.conftest import START, StandingClock
from tests.gateway.test_ingest import rows
from xunhe.adapters.camera.messages import Told
from xunhe.adapters.dome_rounds import DomeRounds
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.desk.dome_tour import LONGEST, DomeTour
from xunhe.domain.camera import Camera, Turn
from xunhe.domain.registry import Registry
from xunhe.settings import PatrolSettings

MINUTE = timedelta(minutes=1)
LEAST = 5 * MINUTE


def view(
    code: str, preset: str, reach: str = "YX-1", dome: str = "http://192.0.2.7/onvif"
) -> Camera:
    return Camera(
        code=code,
        name=code,
        name_en=code,
        reach=reach,
        position_m=800,
        lon_lat=(119.42, 30.317939),
        url="rtsp://192.0.2.7/main",
        zones=f"zones/{code}.json",
        turn=Turn(dome, preset),
    )


@dataclass
class Duty:
    rounds: DomeRounds
    database: Database

    def tell(self, code: str, minute: float, state: str = "live") -> bool:
        at = START + minute * MINUTE
        return self.rounds.take(Told(code, at.timestamp(), state, "", "", {}, {}))

    def patrols(self) -> list[object]:
        return rows(self.database, schema.patrol)


@pytest.fixture
def duty(database: Database, registry: Registry) -> Duty:
    cameras = {"D1": view("D1", "1"), "D2": view("D2", "2")}
    return Duty(
        DomeRounds(database, registry.with_cameras(cameras), StandingClock(), PatrolSettings()),
        database,
    )


def at(minute: float) -> datetime:
    return START + minute * MINUTE


@pytest.mark.parametrize(("minute", "is_whole"), [(4.99, False), (5, True), (6, True)])
def test_a_tour_is_whole_once_all_was_shown_for_long_enough(minute: float, is_whole: bool) -> None:
    tour = DomeTour(frozenset({"a", "b"}))
    tour.show("a", at(0))
    assert not tour.is_whole(at(9), LEAST)
    tour.show("b", at(1))
    assert tour.is_whole(at(minute), LEAST) is is_whole


def test_a_tour_that_drags_on_begins_anew() -> None:
    tour = DomeTour(frozenset({"a", "b"}))
    tour.show("a", at(0))
    tour.show("b", START + LONGEST + MINUTE)
    assert tour.began_at == START + LONGEST + MINUTE


def test_a_whole_tour_is_a_patrol_of_the_nearest_chief(duty: Duty) -> None:
    assert not duty.tell("D1", 0)
    assert not duty.tell("D2", 1, "turned"), "it looks elsewhere"
    assert not duty.tell("D2", 2)
    assert duty.tell("D1", 6)
    (patrol,) = duty.patrols()
    assert (patrol.post, patrol.means, patrol.reaches) == ("VILLAGE-1", "dome", ["YX-1"])  # type: ignore[attr-defined]
    assert (patrol.started_at, patrol.ended_at) == (at(0), at(6))  # type: ignore[attr-defined]
    assert 0.03 < patrol.seen < 0.06, "a hundred metres of 2.4 km"  # type: ignore[attr-defined]


def test_there_is_one_a_day(duty: Duty) -> None:
    for minute in (0, 10, 24 * 60):
        duty.tell("D1", minute)
        duty.tell("D2", minute + 1)
        duty.tell("D2", minute + 6)
    assert len(duty.patrols()) == 2


def test_a_fixed_camera_tours_nowhere(database: Database, registry: Registry) -> None:
    rounds = DomeRounds(database, registry, StandingClock(), PatrolSettings())
    assert not rounds.take(Told("YX-C1", START.timestamp(), "live", "", "", {}, {}))
