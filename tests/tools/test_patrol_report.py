"""A rendered flight with known truth, through the real decoder and the shipped detector."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from math import dist
from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree

import av
import numpy as np
import pypdf
import pytest
from av.video.frame import VideoFrame
from geojson_pydantic import FeatureCollection

from xunhe.codecs import flight_json
from xunhe.domain.classes import WaterClass
from xunhe.domain.finding import FindingKind, FindingStatus, FlightFinding
from xunhe.domain.flight import Flight
from xunhe.domain.registry import Reach
from xunhe.vision.findings.water import Water
from xunhe_models.boxes import Detections
from xunhe_models.detector import Detector
from xunhe_tools.flight_renderer.camera import TrueCamera
from xunhe_tools.flight_renderer.flight import Flight as Rendered
from xunhe_tools.flight_renderer.geodesy import Origin
from xunhe_tools.flight_renderer.ground import ground
from xunhe_tools.flight_renderer.patch import Patch, plume, shrunk
from xunhe_tools.flight_renderer.path import along
from xunhe_tools.flight_renderer.telemetry import srt
from xunhe_tools.patrol.report import facts, files, job
from xunhe_tools.patrol.report.order import Order, ReportError, beside
from xunhe_tools.virtual_river.scene_litter import bag, bottle, box

FPS = 1
BEGAN_AT = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
ORIGIN = Origin(30.318, 119.412)
LINE = ((0.0, 0.0), (60.0, 20.0), (120.0, 20.0))
RIVER_M = 24.0
SPEED_M_S = 7.0
AFLOAT = ((15.0, 3.0), (40.0, 15.0), (43.0, 11.0))
ON_ROOF = ((66.0, 37.0), (69.0, 38.0))
PLUME_M = (95.0, 22.0)
CAMERA = TrueCamera(960, 540, 666.0, (484.0, 266.0))


class Remembering(Detector):
    """The shipped detector, which looks at the same picture once only."""

    known: ClassVar[dict[bytes, Detections]] = {}

    def detect(self, bgr: np.ndarray) -> Detections:
        key = hashlib.sha256(bgr.tobytes()).digest() + bytes(str(bgr.shape), "ascii")
        if key not in self.known:
            self.known[key] = super().detect(bgr)
        return self.known[key]


@pytest.fixture(scope="module", autouse=True)
def _remembering() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "Detector", Remembering)
        yield


def litter(place_m: tuple[float, float], i: int) -> Patch:
    draw = np.random.default_rng(i)
    sprite = (bag, bottle, box)[i % 3](draw)
    return Patch(*place_m, 1.0, 40.0 * i, *shrunk(sprite.bgr, sprite.alpha))


def rendered(*more: Patch) -> Rendered:
    roof = ((62.0, 33.5), (74.0, 33.5), (74.0, 42.0), (62.0, 42.0))
    banks = ground(LINE, RIVER_M, 60.0, seed=4).with_roof(roof, (70, 70, 150))
    things = [litter(place, i) for i, place in enumerate((*AFLOAT, *ON_ROOF))]
    coloured = plume(PLUME_M, 26.0, 0.0, (120, 50, 140))
    path = along(LINE, 30.0, -90.0, SPEED_M_S)
    return Rendered(ORIGIN, path, CAMERA, banks, (), (*things, coloured, *more))


def filmed(flight: Rendered, film: Path) -> Path:
    """Each picture a key frame, and the subtitles beside it."""
    times = np.arange(0.0, flight.path.lasts_s, 1 / FPS).tolist()
    with av.open(str(film), "w") as container:
        options = {"preset": "ultrafast", "g": "1", "crf": "18"}
        stream = container.add_stream("libx264", rate=FPS, width=960, height=540, options=options)
        for _, frame in flight.frames(times):
            container.mux(stream.encode(VideoFrame.from_ndarray(frame, format="bgr24")))
        container.mux(stream.encode(None))
    film.with_suffix(".srt").write_text(srt(flight, BEGAN_AT, 10.0), "utf-8")
    return film


def degrees(place_m: tuple[float, float]) -> tuple[float, float]:
    latitude, longitude = ORIGIN.degrees((*place_m, 0.0))
    return longitude, latitude


def reach() -> Reach:
    line = tuple(degrees(place) for place in LINE)
    length_m = dist(LINE[0], LINE[1]) + dist(LINE[1], LINE[2])
    names = ("余溪", "Yuxi", "余溪")
    return Reach("YX-1", *names, None, length_m, 0.4, 3.0, 1.0, WaterClass.III, line)


def ordered(film: Path, out: Path) -> Order:
    river = reach()
    water = Water.along(river.line, RIVER_M)
    return Order(film, beside(film), river, water, out, fov_deg=71.6, aligns=False)


def made(order: Order) -> Flight:
    return files.write(order, job.report(order, lambda _done, _of: None))


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> Order:
    folder = tmp_path_factory.mktemp("flight")
    return ordered(filmed(rendered(), folder / "DJI_0001.mp4"), folder / "report")


@pytest.fixture(scope="module")
def flight(order: Order) -> Flight:
    return made(order)


def metres(finding: FlightFinding) -> tuple[float, float]:
    assert finding.at is not None
    longitude, latitude = finding.at.lon_lat
    return ORIGIN.metres(latitude, longitude)


def test_litter_on_the_river_is_found_within_two_metres(flight: Flight) -> None:
    found = [metres(one) for one in flight.of_kind(FindingKind.LITTER)]
    wanted = [AFLOAT[0], tuple(np.mean(AFLOAT[1:], axis=0))]  # the last two lie together
    for place in wanted:
        assert min(dist(place, one) for one in found) < 2.0
    assert sum(one.count for one in flight.of_kind(FindingKind.LITTER)) == len(AFLOAT)


def test_litter_on_a_roof_is_no_river_litter(flight: Flight) -> None:
    for finding in flight.findings:
        assert min(dist(metres(finding), place) for place in ON_ROOF) > 8.0


def test_the_plume_is_found_at_its_upper_end(flight: Flight) -> None:
    (found,) = flight.of_kind(FindingKind.PLUME)
    assert dist(metres(found), (PLUME_M[0] - 11.0, PLUME_M[1])) < 6.0
    assert "偏紫红" in found.reason_zh


def test_the_flight_says_when_where_and_how_much_of_the_reach(flight: Flight) -> None:
    assert flight.started_at == BEGAN_AT
    assert flight.coverage is not None
    assert flight.coverage.share > 0.95
    assert sum(part.count for part in flight.density) == len(AFLOAT)
    first = flight.path[0]
    assert dist(ORIGIN.metres(first.lon_lat[1], first.lon_lat[0]), LINE[0]) < 0.5
    assert all(one.first_at is not None and one.reach == "YX-1" for one in flight.findings)


def test_the_files_of_a_report_are_whole(flight: Flight, order: Order) -> None:
    assert flight_json.decode((order.out / "flight.json").read_bytes()) == flight
    collection = FeatureCollection(
        **json.loads((order.out / "findings.geojson").read_text("utf-8"))
    )
    layers = [feature.properties["layer"] for feature in collection.features if feature.properties]
    assert layers.count("finding") == layers.count("ellipse") == len(flight.findings)
    kml = ElementTree.parse(order.out / "findings.kml").getroot()
    assert kml.tag == "{http://www.opengis.net/kml/2.2}kml"
    for finding in flight.findings:
        assert finding.picture is not None
        assert (order.out / finding.picture).read_bytes()[:2] == b"\xff\xd8"


def test_the_page_needs_nothing_beside_it(flight: Flight, order: Order) -> None:
    page = (order.out / "report.html").read_text("utf-8")
    assert "余溪空中巡河报告" in page
    assert all(f'id="{one.id}"' in page and one.reason_zh in page for one in flight.findings)
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_the_paper_tells_every_finding_in_chinese(flight: Flight, order: Order) -> None:
    pages = pypdf.PdfReader(order.out / "report.pdf").pages
    text = "".join(page.extract_text() for page in pages).replace("\n", "")
    assert "空中巡河报告" in text
    assert all(one.id in text for one in flight.findings)


def test_a_report_that_was_broken_off_goes_on_and_ends_the_same(
    flight: Flight, order: Order, tmp_path: Path
) -> None:
    broken = replace(order, out=tmp_path / "report")

    def stops(done: int, _of: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job.report(broken, stops)
    counted: list[int] = []
    reported = job.report(broken, lambda done, _of: counted.append(done))
    assert 5 <= counted[0] < counted[-1]
    assert reported.flight.frames_looked_at == flight.frames_looked_at
    assert _places(reported.flight) == _places(flight)


def _places(flight: Flight) -> list[object]:
    return [(one.id, one.kind, one.at, one.count, one.frames) for one in flight.findings]


def test_beside_the_last_flight_things_are_new_still_there_or_gone(
    flight: Flight, order: Order, tmp_path: Path
) -> None:
    assert flight.compared_with is None
    heap = Patch(
        30.0,
        30.0,
        7.0,
        0.0,
        np.full((20, 20, 3), (40, 40, 190), np.uint8),
        np.full((20, 20), 255, np.uint8),
    )
    changed = rendered(heap)
    fewer = replace(changed, patches=changed.patches[1:])  # the first piece has been fished out
    later = ordered(filmed(fewer, tmp_path / "DJI_0002.mp4"), tmp_path / "report")
    told = made(replace(later, last=order.out))
    assert told.compared_with == flight.id
    statuses = {(one.kind, one.status) for one in told.findings}
    assert statuses == {
        (FindingKind.LITTER, FindingStatus.STILL),
        (FindingKind.PLUME, FindingStatus.STILL),
        (FindingKind.LITTER, FindingStatus.GONE),
        (FindingKind.BANK_CHANGE, FindingStatus.NEW),
    }
    (bank,) = told.of_kind(FindingKind.BANK_CHANGE)
    assert dist(metres(bank), (28.0, 26.0)) < 4.0
    assert bank.kind.waits_for_a_name


def test_a_film_without_telemetry_gives_findings_on_a_time_axis(
    order: Order, tmp_path: Path
) -> None:
    alone = replace(order, telemetry=None, out=tmp_path / "report")
    told = made(alone)
    assert told.findings
    assert told.coverage is None
    assert all(one.at is None and one.first_s <= one.last_s for one in told.findings)
    page = (alone.out / "report.html").read_text("utf-8")
    assert "时间轴" in page
    assert "没有查找异色水流和岸线变化" in page
    assert {fact.zh: fact.value for fact in facts.facts(told)}["异色水流"] == "–", "not: 0"
    assert not (alone.out / "findings.geojson").exists()


def test_nothing_on_a_film_without_telemetry_is_not_nothing_on_the_river(flight: Flight) -> None:
    empty = replace(flight, findings=())
    assert facts.sentence(empty)[0] == "本次飞行未发现问题。"
    assert facts.sentence(replace(empty, coverage=None))[0] == "录像中未发现漂浮物。"


def test_what_cannot_be_reported_is_told_with_what_to_do(order: Order, tmp_path: Path) -> None:
    no_film = tmp_path / "no.mp4"
    no_film.write_bytes(b"no film")
    with pytest.raises(ReportError, match=r"no\.mp4"):
        made(replace(order, film=no_film))
    with pytest.raises(ReportError, match=r"flight\.json"):
        made(replace(order, last=tmp_path))
    bare = tmp_path / "bare.srt"
    bare.write_text("1\n00:00:00,000 --> 00:00:01,000\nGPS(119.412,30.318,18) BAROMETER:30\n")
    with pytest.raises(ReportError, match="--pitch-deg"):
        made(replace(order, telemetry=bare))
