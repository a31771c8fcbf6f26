"""The virtual river's drone: film, subtitles and log of one flight, which tell the same."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from xunhe.adapters import registry_file
from xunhe.adapters.drone import telemetry_file
from xunhe.adapters.drone.film import Film
from xunhe.domain.position import distance_m
from xunhe.vision.findings.water import Water
from xunhe_tools.demo.flight import commands
from xunhe_tools.demo.plan import FLOWN, REGISTRY, lay_out, make_plan
from xunhe_tools.virtual_river.drone import FILM, LOG, RIVER_M, SUBTITLES, Sortie, water_of

BEGAN = datetime(2026, 10, 19, 6, 0, tzinfo=UTC)
LINE = ((119.43673, 30.309712), (119.436483, 30.3105))  # some 90 m


@pytest.fixture(scope="module")
def flown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flight")
    Sortie(LINE, 7, BEGAN, speed_m_s=14.0, frames_per_s=1.0).render(folder)
    return folder


def test_film_subtitles_and_log_last_equally_long_and_tell_the_same_places(flown: Path) -> None:
    film = Film.read(flown / FILM)
    subtitles = telemetry_file.read(flown / SUBTITLES, timedelta(hours=8)).poses
    logged = telemetry_file.read(flown / LOG, timedelta(0)).poses
    assert film.lasts_s == pytest.approx(subtitles[-1].time_s - subtitles[0].time_s, abs=1.5)
    assert subtitles[0].instant == BEGAN
    assert distance_m(subtitles[0].lon_lat, LINE[0]) < 0.5
    assert distance_m(logged[-1].lon_lat, LINE[-1]) < 0.5
    assert subtitles[0].pitch_deg is not None
    assert subtitles[0].pitch_deg.value == -90.0


def test_the_waters_outline_is_the_river_that_is_drawn() -> None:
    (feature,) = water_of(LINE)["features"]
    (ring,) = feature["geometry"]["coordinates"]
    water = Water((tuple(map(tuple, ring)),))
    middle = tuple((a + b) / 2 for a, b in zip(*LINE, strict=True))
    aside = RIVER_M / 2 / 96_000
    assert water.holds((middle[0], middle[1]))
    assert water.holds((middle[0] + 0.9 * aside, middle[1]))
    assert not water.holds((middle[0] + 1.1 * aside, middle[1]))


def test_a_demo_with_a_drone_lays_out_its_flight(tmp_path: Path) -> None:
    plan = make_plan(tmp_path / "run", 7, 120, 8080, None, flies=True)
    lay_out(plan)
    asked = json.loads((plan.directory / "flight.json").read_text("utf-8"))
    assert asked["reach"] == FLOWN
    assert datetime.fromisoformat(asked["began_at"]).timestamp() < plan.clock.wall_s
    reach = registry_file.load(REGISTRY).reaches[FLOWN]
    assert tuple(asked["line"][0]) == reach.line[0]
    assert (plan.directory / "registry" / "waters.geojson").is_file()


def test_a_demo_without_one_has_none(tmp_path: Path) -> None:
    plan = make_plan(tmp_path / "run", 7, 120, 8080, None)
    lay_out(plan)
    assert not (plan.directory / "flight.json").exists()
    assert not (plan.directory / "registry" / "waters.geojson").exists()


def test_the_demo_types_what_a_person_would(tmp_path: Path) -> None:
    report, send = commands(tmp_path, "BJ-1")
    assert report[:2] == ["patrol", "report"]
    assert send[:2] == ["patrol", "send"]
    assert report[report.index("--out") + 1] == send[2]
