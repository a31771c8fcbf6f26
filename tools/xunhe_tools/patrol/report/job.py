"""A whole report: look at the film, tell what is there, compare, draw, write."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from xunhe.adapters.drone.film import Film
from xunhe.domain.finding import FindingKind, FlightFinding
from xunhe.domain.flight import Flight, PathPoint
from xunhe.vision.eyes import SHIPPED
from xunhe.vision.findings.comparison import compared
from xunhe.vision.findings.ribbon import Ribbon
from xunhe.vision.findings.seen_river import coverage, density
from xunhe.vision.findings.survey import Survey
from xunhe.vision.findings.told import Clock, Told, clock_from, numbered
from xunhe_models.detector import Detector
from xunhe_models.images import UnreadableError
from xunhe_tools.patrol.report import alignment, last_flight, poses, ribbon_file
from xunhe_tools.patrol.report.analysis import FilmAnalysis, PosedAnalysis, Progress, analyse
from xunhe_tools.patrol.report.last_flight import LastFlight
from xunhe_tools.patrol.report.order import Order, ReportError
from xunhe_tools.patrol.report.poses import Poses

_MODEL = SHIPPED / "debris.onnx"
_CHECKPOINT = ".progress.npz"
_PATH_S = 1.0


@dataclass(frozen=True, slots=True)
class Reported:
    """A flight, the frames that show its findings, and the survey behind it, None of a film alone.

    `film` is the one that was looked at, `last` what it was compared with.
    """

    flight: Flight
    told: tuple[Told, ...]
    film: Film
    survey: Survey | None
    last: LastFlight | None


def report(order: Order, progress: Progress) -> Reported:
    """Everything but the files. ReportError where film, telemetry or last report are of no use."""
    try:
        film = Film.read(order.film)
    except UnreadableError as error:
        raise ReportError(f"{order.film}：无法读取录像 / no film can be read: {error}") from error
    last = None if order.last is None else last_flight.read(order.last)
    order.out.mkdir(parents=True, exist_ok=True)
    if order.telemetry is None:
        return _of_film(order, film, progress)
    posed = poses.read(order, film)
    if order.aligns:
        posed = alignment.aligned(posed)
    return _of_flight(order, posed, last, progress)


def finish(order: Order) -> None:
    """The report is written: nothing of the work in progress stays."""
    (order.out / _CHECKPOINT).unlink(missing_ok=True)


def _of_film(order: Order, film: Film, progress: Progress) -> Reported:
    analysis = FilmAnalysis(film)
    frames = _analysed(order, film, analysis, progress)
    begun_at = order.begun_at or film.begun_at
    told = tuple(numbered(analysis.survey.found(clock_from(begun_at))))
    flight = _flight(order, film, begun_at, frames)
    return Reported(replace(flight, findings=_findings(told)), told, film, None, None)


def _of_flight(order: Order, posed: Poses, last: LastFlight | None, progress: Progress) -> Reported:
    survey = Survey.of(order.reach, order.water, order.half_width_m)
    frames = _analysed(order, posed.film, PosedAnalysis(survey, posed), progress)
    if not survey.views:
        raise ReportError("录像与遥测没有共同的时间 / film and telemetry have no time in common")
    begun_at = order.begun_at or posed.begun_at or posed.film.begun_at
    clock = clock_from(begun_at)
    before = None if last is None else _last_ribbon(last, survey)
    told = tuple(numbered(survey.found(clock, before)))
    seen = coverage(order.reach, survey.ribbon, survey.ribbon.under_water(order.water))
    findings = _findings(told)
    if last is not None:
        findings = tuple(compared(findings, seen, last.flight))
    flight = replace(
        _flight(order, posed.film, begun_at, frames),
        path=_path(posed, clock),
        coverage=seen,
        density=density(seen, _pieces(survey)),
        findings=findings,
        compared_with=None if last is None else last.flight.id,
        notes=(*posed.notes, *_unlike(last, before)),
    )
    return Reported(flight, told, posed.film, survey, last)


def _analysed(
    order: Order, film: Film, analysis: PosedAnalysis | FilmAnalysis, progress: Progress
) -> int:
    detectors = [Detector(_MODEL) for _ in range(order.threads)]
    checkpoint = (order.out / _CHECKPOINT, _key(order, film))
    return analyse(film, analysis, detectors, progress, checkpoint)


def _key(order: Order, film: Film) -> str:
    """Names everything that decides what is seen where."""
    telemetry = b"" if order.telemetry is None else order.telemetry.read_bytes()
    settings = replace(order, film=order.out, telemetry=None, last=None, threads=1, drone=None)
    said = f"{film.id} {settings} {_model_sha256()}".encode()
    return hashlib.sha256(said + hashlib.sha256(telemetry).digest()).hexdigest()


def _flight(order: Order, film: Film, begun_at: datetime | None, frames: int) -> Flight:
    """What any film says of itself."""
    return Flight(
        id=film.id,
        film=order.film.name,
        drone=order.drone,
        reach=order.reach.code,
        started_at=begun_at,
        ended_at=None if begun_at is None else begun_at + timedelta(seconds=film.lasts_s),
        lasts_s=film.lasts_s,
        path=(),
        coverage=None,
        density=(),
        findings=(),
        frames_looked_at=frames,
        compared_with=None,
        models={"debris": _model_sha256()},
    )


def _model_sha256() -> str:
    return hashlib.sha256(_MODEL.read_bytes()).hexdigest()


def _findings(told: tuple[Told, ...]) -> tuple[FlightFinding, ...]:
    return tuple(
        replace(one.finding, picture=f"pictures/{one.finding.id}.jpg" if one.shot else None)
        for one in told
    )


def _path(posed: Poses, clock: Clock) -> tuple[PathPoint, ...]:
    times = [i * _PATH_S for i in range(int(posed.film.lasts_s / _PATH_S) + 1)]
    found = [(time_s, posed.pose_at(time_s)) for time_s in times]
    return tuple(
        PathPoint(
            time_s,
            clock(time_s),
            pose.lon_lat,
            None if pose.height_above_ground_m is None else pose.height_above_ground_m.value,
        )
        for time_s, pose in found
        if pose is not None
    )


def _pieces(survey: Survey) -> list[tuple[float, float]]:
    """(position on the reach, area) of each piece of litter."""
    litter = [thing for thing, _ in survey.afloat() if thing.kind is FindingKind.LITTER]
    return [(survey.position_m(thing.at), thing.area_m2 or 0.0) for thing in litter]


def _last_ribbon(last: LastFlight, survey: Survey) -> Ribbon | None:
    ribbon = survey.ribbon
    return ribbon_file.read(last.ribbon_file, ribbon.course, ribbon.half_width_m)


def _unlike(last: LastFlight | None, before: Ribbon | None) -> list[tuple[str, str]]:
    if last is None or before is not None:
        return []
    return [
        (
            "上次飞行没有同一河线、同一宽度的展开图，岸线未比较",
            "the last flight has no unrolled river of this line and width: banks were not compared",
        )
    ]
