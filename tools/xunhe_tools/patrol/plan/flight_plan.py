"""The plan: a reach, a drone and a height become legs, with what they cover and cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from xunhe.domain.position import LonLat
from xunhe.domain.registry import Reach
from xunhe.vision.georeference.earth import moved, offset_m
from xunhe_tools.patrol.plan import corridor
from xunhe_tools.patrol.plan.corridor import Line
from xunhe_tools.patrol.plan.drone import Drone
from xunhe_tools.patrol.plan.legs import Battery, Leg, PlanError, legs
from xunhe_tools.patrol.plan.no_fly import NoWayError, Zone, cut

RESERVE = 0.35  # of the endurance: wind, cold, an old battery, the way home


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. `width_m` is that of river and banks, `overlap` a share of a picture.

    Without `homes` the drone takes off at the middle of the reach. With `takes_photographs` it
    takes one wherever the overlap asks for it, else a film.
    """

    reach: Reach
    drone: Drone
    height_m: float = 60.0
    speed_m_s: float = 8.0
    overlap: float = 0.7
    width_m: float = 60.0
    pitch_deg: float = -90.0
    homes: tuple[LonLat, ...] = ()
    no_fly: tuple[tuple[LonLat, ...], ...] = ()
    margin_m: float = 20.0
    takes_photographs: bool = False


@dataclass(frozen=True, slots=True)
class PlacedWaypoint:
    """As `Waypoint`, on the earth."""

    lon_lat: LonLat
    is_survey: bool


@dataclass(frozen=True, slots=True)
class PlacedLeg:
    """As `Leg`, on the earth."""

    home: LonLat
    waypoints: tuple[PlacedWaypoint, ...]
    metres: float
    seconds: float


@dataclass(frozen=True, slots=True)
class FlightPlan:
    """`zones` are the no-fly polygons with their margin; `left_out_m` of the lines lie in them."""

    order: Order
    legs: tuple[PlacedLeg, ...]
    lines: int
    survey_m: float
    left_out_m: float
    zones: tuple[tuple[LonLat, ...], ...]

    @property
    def seconds(self) -> float:
        """In the air, all batteries together."""
        return sum(leg.seconds for leg in self.legs)

    @property
    def photograph_every_m(self) -> float:
        """So that pictures overlap as ordered; whole decimetres."""
        along_m = self.order.drone.swath_m(self.order.height_m) * self.order.drone.aspect
        return max(1.0, floor(along_m * (1 - self.order.overlap) * 10) / 10)


def plan(order: Order) -> FlightPlan:
    """The plan of an order. PlanError where there is none."""
    middle = order.reach.line[len(order.reach.line) // 2]
    zones = _zones(order, middle)
    river = [offset_m(place, middle) for place in order.reach.line]
    wanted = corridor.lines(river, order.width_m, order.drone, order.height_m, order.overlap)
    pieces = [piece for line in wanted for piece in cut(line, zones)]
    if not pieces:
        raise PlanError("河段全在禁飞区内 / the whole reach lies in no-fly zones")
    homes = [offset_m(home, middle) for home in order.homes or (middle,)]
    usable_s = order.drone.endurance_min * 60 * (1 - RESERVE)
    battery = Battery(order.drone, order.height_m, order.speed_m_s, usable_s)
    try:
        flown = legs(pieces, homes, zones, battery)
    except NoWayError as error:
        raise PlanError(str(error)) from error
    survey_m = _total_m(pieces)
    return FlightPlan(
        order,
        tuple(_placed(leg, middle) for leg in flown),
        len(wanted),
        survey_m,
        _total_m(wanted) - survey_m,
        tuple(tuple(moved(middle, *place) for place in zone.corners) for zone in zones),
    )


def _zones(order: Order, middle: LonLat) -> list[Zone]:
    try:
        return [
            Zone.around([offset_m(place, middle) for place in polygon], order.margin_m)
            for polygon in order.no_fly
        ]
    except ValueError as error:
        raise PlanError(f"禁飞区有误 / no-fly polygon: {error}") from error


def _placed(leg: Leg, middle: LonLat) -> PlacedLeg:
    waypoints = tuple(
        PlacedWaypoint(moved(middle, *each.place), each.is_survey) for each in leg.waypoints
    )
    return PlacedLeg(moved(middle, *leg.home), waypoints, leg.metres, leg.seconds)


def _total_m(lines: Sequence[Line]) -> float:
    return sum(corridor.length_m(line) for line in lines)
