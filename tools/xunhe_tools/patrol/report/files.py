"""The files of a report."""

import json
from collections.abc import Iterator
from dataclasses import replace

from xunhe.codecs import flight_json
from xunhe.domain.finding import FlightFinding
from xunhe.domain.flight import Flight
from xunhe.vision.findings.ribbon import Ribbon
from xunhe.vision.findings.survey import Survey
from xunhe_tools.patrol.report import (
    axis_picture,
    density_picture,
    facts,
    geojson,
    kml,
    map_picture,
    page,
    paper,
    pictures,
    ribbon_file,
)
from xunhe_tools.patrol.report.figures import Figures
from xunhe_tools.patrol.report.job import Reported
from xunhe_tools.patrol.report.last_flight import FLIGHT_FILE, RIBBON_FILE
from xunhe_tools.patrol.report.order import Order


def write(order: Order, reported: Reported) -> Flight:
    """All of them; the flight with the pictures that there are."""
    shots = _shots(reported)
    flight = _with_pictures(reported.flight, shots)
    figures = _figures(flight, order, reported.survey, shots)
    (order.out / "pictures").mkdir(exist_ok=True)
    for name, data in (*shots.items(), *_documents(flight, order, reported, figures)):
        (order.out / name).write_bytes(data)
    return flight


def _shots(reported: Reported) -> dict[str, bytes]:
    """JPEG by the name of its file; of what is gone, the last flight's picture."""
    names = {one.id: one.picture for one in reported.flight.findings if one.picture}
    found = {
        name: jpeg
        for told, jpeg in pictures.of_findings(reported.film, reported.told)
        if (name := names.get(told.finding.id)) is not None
    }
    for one in reported.flight.findings:
        if not one.is_there and reported.last is not None:
            jpeg = reported.last.picture(one.picture)
            if jpeg is not None:
                found[f"pictures/{one.id}.jpg"] = jpeg
    return found


def _with_pictures(flight: Flight, shots: dict[str, bytes]) -> Flight:
    return replace(flight, findings=tuple(_with_picture(one, shots) for one in flight.findings))


def _with_picture(one: FlightFinding, shots: dict[str, bytes]) -> FlightFinding:
    name = f"pictures/{one.id}.jpg"
    return replace(one, picture=name if name in shots else None)


def _figures(
    flight: Flight, order: Order, survey: Survey | None, shots: dict[str, bytes]
) -> Figures:
    if survey is None:
        return Figures(None, axis_picture.drawing(flight), None, (), shots)
    ribbon = survey.ribbon
    marks = [
        pictures.Mark(one.id[:3], *survey.on_course(one.at.lon_lat), facts.colour_of(one))
        for one in flight.findings
        if one.at is not None and one.is_there
    ]
    return Figures(
        map=map_picture.drawing(flight, ribbon.course, order.water),
        axis=None,
        density=density_picture.drawing(flight),
        strips=tuple(pictures.unrolled(ribbon, order.reach.length_m, marks)),
        pictures=shots,
    )


def _documents(
    flight: Flight, order: Order, reported: Reported, figures: Figures
) -> Iterator[tuple[str, bytes]]:
    """The paper last but for the flight itself, which is what says that a report is whole."""
    if reported.survey is not None and figures.map is not None:
        yield from _of_the_ground(flight, order, reported.survey.ribbon)
        yield "map.svg", figures.map.svg().encode()
    yield "report.html", page.document(flight, order.reach, figures).encode()
    yield "report.pdf", paper.document(flight, order.reach, figures)
    yield FLIGHT_FILE, flight_json.document(flight).encode()


def _of_the_ground(flight: Flight, order: Order, ribbon: Ribbon) -> Iterator[tuple[str, bytes]]:
    collection = geojson.document(flight, ribbon.course)
    title = facts.headline(order.reach)
    yield "findings.geojson", json.dumps(collection, ensure_ascii=False).encode()
    yield "findings.kml", kml.document(flight, ribbon.course, title)
    yield RIBBON_FILE, ribbon_file.encode(ribbon)
