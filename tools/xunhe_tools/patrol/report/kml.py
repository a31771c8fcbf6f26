"""The flight as KML 2.2, for a look at it in any globe."""

from xml.etree.ElementTree import Element, SubElement, tostring

from xunhe.domain.finding import FlightFinding
from xunhe.domain.flight import Density, Flight
from xunhe.vision.findings.course import Course
from xunhe_tools.patrol.plan.wpml import KML
from xunhe_tools.patrol.report.facts import colour_of
from xunhe_tools.patrol.report.heat import heat
from xunhe_tools.patrol.report.stretches import on_ground

_PIN = "http://maps.google.com/mapfiles/kml/shapes/placemark_circle.png"
_PATH_COLOUR = "#364fc7"


def document(flight: Flight, course: Course, title: str) -> bytes:
    """The bytes of the file."""
    root = Element(f"{{{KML}}}kml")
    page = _add(root, "Document")
    _add(page, "name", title)
    if flight.path:
        line = _line(page, "航迹 path flown", _PATH_COLOUR, 2)
        _add(line, "altitudeMode", "relativeToGround")
        _add(
            line,
            "coordinates",
            " ".join(
                f"{p.lon_lat[0]:.7f},{p.lon_lat[1]:.7f},{p.height_m or 0:.1f}" for p in flight.path
            ),
        )
    for part in flight.density:
        _add_density(page, part, flight, course)
    for finding in flight.findings:
        if finding.at is not None:
            _add_finding(page, finding)
    return bytes(tostring(root, "utf-8", xml_declaration=True))


def _add_density(page: Element, part: Density, flight: Flight, course: Course) -> None:
    kilometres = f"{part.stretch.from_m / 1000:.1f}–{part.stretch.to_m / 1000:.1f} km"
    line = _line(page, f"{kilometres}：{part.count} 件 pieces", heat(part.count), 6)
    places = on_ground(part.stretch, flight, course)
    _add(line, "coordinates", " ".join(f"{lon:.7f},{lat:.7f}" for lon, lat in places))


def _add_finding(page: Element, one: FlightFinding) -> None:
    mark = _add(page, "Placemark")
    status = f"（{one.status.label_zh}）" if one.status else ""
    _add(mark, "name", f"{one.id} {one.kind.label_zh}{status}")
    _add(mark, "description", f"{one.reason_zh}\n{one.reason_en}")
    style = _add(_add(mark, "Style"), "IconStyle")
    _add(style, "color", _abgr(colour_of(one)))
    _add(_add(style, "Icon"), "href", _PIN)
    if one.at is not None:
        lon, lat = one.at.lon_lat
        _add(_add(mark, "Point"), "coordinates", f"{lon:.7f},{lat:.7f}")


def _line(page: Element, title: str, colour: str, width: int) -> Element:
    mark = _add(page, "Placemark")
    _add(mark, "name", title)
    style = _add(_add(mark, "Style"), "LineStyle")
    _add(style, "color", _abgr(colour))
    _add(style, "width", str(width))
    return _add(mark, "LineString")


def _abgr(colour: str) -> str:
    """KML's order of #rrggbb."""
    return f"ff{colour[5:7]}{colour[3:5]}{colour[1:3]}"


def _add(parent: Element, name: str, text: str | None = None) -> Element:
    child = SubElement(parent, f"{{{KML}}}{name}")
    child.text = text
    return child
