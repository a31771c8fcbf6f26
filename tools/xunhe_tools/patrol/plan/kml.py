"""The whole plan as KML 2.2, for a look at it in any globe."""

from xml.etree.ElementTree import Element, SubElement, tostring

from xunhe.domain.position import LonLat
from xunhe_tools.patrol.plan.flight_plan import FlightPlan
from xunhe_tools.patrol.plan.wpml import KML

_COLOURS = ("ffa85f1f", "ff327d2e", "ff1e26b3", "ff8a2be2")  # aabbggrr


def document(plan: FlightPlan) -> bytes:
    """The bytes of the file."""
    root = Element(f"{{{KML}}}kml")
    page = _add(root, "Document")
    _add(page, "name", f"{plan.order.reach.name} {plan.order.reach.name_en}")
    for number, leg in enumerate(plan.legs, start=1):
        cost = f"{leg.metres / 1000:.2f} km，{leg.seconds / 60:.0f} min"
        title = f"电池 {number} battery {number}：{cost}"
        places = [leg.home, *(each.lon_lat for each in leg.waypoints), leg.home]
        _line(page, title, places, plan.order.height_m, _COLOURS[(number - 1) % len(_COLOURS)])
        _home(page, number, leg.home)
    for zone in plan.zones:
        _zone(page, zone)
    return bytes(tostring(root, "utf-8", xml_declaration=True))


def _line(page: Element, title: str, places: list[LonLat], height_m: float, colour: str) -> None:
    mark = _add(page, "Placemark")
    _add(mark, "name", title)
    style = _add(_add(mark, "Style"), "LineStyle")
    _add(style, "color", colour)
    _add(style, "width", "3")
    line = _add(mark, "LineString")
    _add(line, "altitudeMode", "relativeToGround")
    _add(line, "coordinates", " ".join(f"{lon:.8f},{lat:.8f},{height_m:g}" for lon, lat in places))


def _home(page: Element, number: int, home: LonLat) -> None:
    mark = _add(page, "Placemark")
    _add(mark, "name", f"起飞点 {number} take-off {number}")
    _add(_add(mark, "Point"), "coordinates", f"{home[0]:.8f},{home[1]:.8f}")


def _zone(page: Element, zone: tuple[LonLat, ...]) -> None:
    mark = _add(page, "Placemark")
    _add(mark, "name", "禁飞区（含余量）no-fly zone with margin")
    ring = _add(_add(_add(mark, "Polygon"), "outerBoundaryIs"), "LinearRing")
    closed = (*zone, zone[0])
    _add(ring, "coordinates", " ".join(f"{lon:.8f},{lat:.8f}" for lon, lat in closed))


def _add(parent: Element, name: str, text: str | None = None) -> Element:
    child = SubElement(parent, f"{{{KML}}}{name}")
    child.text = text
    return child
