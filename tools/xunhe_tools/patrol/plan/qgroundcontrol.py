"""A leg as QGroundControl's .plan (JSON, "Plan File Format" of its developer guide).

Mission commands are MAV_CMD of MAVLink's common.xml.
"""

import json
from collections.abc import Iterator
from typing import Any

from xunhe_tools.patrol.plan.flight_plan import FlightPlan, PlacedLeg

_TAKEOFF, _WAYPOINT, _RETURN, _SPEED, _MOUNT = 22, 16, 20, 178, 205
_TRIGGER_DISTANCE, _START_VIDEO, _STOP_VIDEO = 206, 2500, 2501
_RELATIVE, _MISSION = 3, 2  # MAV_FRAME_GLOBAL_RELATIVE_ALT, MAV_FRAME_MISSION
_MOUNT_BY_ANGLES = 2  # MAV_MOUNT_MODE_MAVLINK_TARGETING
_PX4, _QUADROTOR = 12, 2

Params = list[float | None]


def document(plan: FlightPlan, leg: PlacedLeg) -> str:
    """The text of the file."""
    order = plan.order
    items = [
        {**item, "autoContinue": True, "doJumpId": number, "type": "SimpleItem"}
        for number, item in enumerate(_items(plan, leg), start=1)
    ]
    mission = {
        "version": 2,
        "firmwareType": _PX4,
        "vehicleType": _QUADROTOR,
        "globalPlanAltitudeMode": 1,
        "cruiseSpeed": order.speed_m_s,
        "hoverSpeed": order.speed_m_s,
        "plannedHomePosition": [*_lat_lon(leg.home), 0],
        "items": items,
    }
    fence = [
        {"version": 1, "inclusion": False, "polygon": [_lat_lon(place) for place in zone]}
        for zone in plan.zones
    ]
    whole = {
        "fileType": "Plan",
        "version": 1,
        "groundStation": "QGroundControl",
        "mission": mission,
        "geoFence": {"version": 2, "circles": [], "polygons": fence},
        "rallyPoints": {"version": 2, "points": []},
    }
    return json.dumps(whole, indent=1)


def _items(plan: FlightPlan, leg: PlacedLeg) -> Iterator[dict[str, Any]]:
    order = plan.order
    yield _at(_TAKEOFF, leg.home, order.height_m)
    yield _do(_SPEED, [1, order.speed_m_s, -1, 0, 0, 0, 0])
    yield _do(_MOUNT, [order.pitch_deg, 0, 0, 0, 0, 0, _MOUNT_BY_ANGLES])
    is_taking = False
    for here in leg.waypoints:
        if here.is_survey != is_taking:
            is_taking = here.is_survey
            yield _camera(plan, is_taking)
        yield _at(_WAYPOINT, here.lon_lat, order.height_m)
    if is_taking:
        yield _camera(plan, False)
    yield _do(_RETURN, [0, 0, 0, 0, 0, 0, 0])


def _camera(plan: FlightPlan, starts: bool) -> dict[str, Any]:
    if plan.order.takes_photographs:
        every_m = plan.photograph_every_m if starts else 0
        return _do(_TRIGGER_DISTANCE, [every_m, 0, 1 if starts else 0, 0, 0, 0, 0])
    return _do(_START_VIDEO if starts else _STOP_VIDEO, [0, 0, 0, 0, 0, 0, 0])


def _at(command: int, place: tuple[float, float], height_m: float) -> dict[str, Any]:
    params: Params = [0, 0, 0, None, *_lat_lon(place), height_m]
    altitude = {"AMSLAltAboveTerrain": None, "Altitude": height_m, "AltitudeMode": 1}
    return {**altitude, "command": command, "frame": _RELATIVE, "params": params}


def _do(command: int, params: Params) -> dict[str, Any]:
    return {"command": command, "frame": _MISSION, "params": params}


def _lat_lon(place: tuple[float, float]) -> list[float]:
    return [round(place[1], 8), round(place[0], 8)]
