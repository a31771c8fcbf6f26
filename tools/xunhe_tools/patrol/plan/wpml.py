"""A leg as DJI's WPML (KMZ with wpmz/template.kml and wpmz/waylines.wpml, namespace 1.0.2).

Elements and their order: DJI Cloud API, "WPML file format", template.kml and waylines.wpml.
"""

import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from xunhe_tools.patrol.plan.flight_plan import FlightPlan, PlacedLeg

KML, WPML = "http://www.opengis.net/kml/2.2", "http://www.dji.com/wpmz/1.0.2"
_SAFE_M, _TRANSIT_M_S = 30, 10
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the same plan, the same bytes
_STOP_AND_TURN = "toPointAndStopWithDiscontinuityCurvature"

register_namespace("", KML)
register_namespace("wpml", WPML)

Fields = Mapping[str, "str | float | Fields"]


def document(plan: FlightPlan, leg: PlacedLeg, made_at: datetime) -> bytes:
    """The bytes of the KMZ."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, root in (
            ("wpmz/template.kml", _template(plan, leg, made_at)),
            ("wpmz/waylines.wpml", _waylines(plan, leg)),
        ):
            whole = tostring(root, "utf-8", xml_declaration=True)
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), whole, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _template(plan: FlightPlan, leg: PlacedLeg, made_at: datetime) -> Element:
    order, millis = plan.order, round(made_at.timestamp() * 1e3)
    head: Fields = {"author": "xunhe", "createTime": millis, "updateTime": millis}
    folder: Fields = {
        "templateType": "waypoint",
        "templateId": 0,
        "waylineCoordinateSysParam": {
            "coordinateMode": "WGS84",
            "heightMode": "relativeToStartPoint",
        },
        "autoFlightSpeed": order.speed_m_s,
        "globalHeight": order.height_m,
        "gimbalPitchMode": "usePointSetting",
        "globalWaypointHeadingParam": {"waypointHeadingMode": "followWayline"},
        "globalWaypointTurnMode": _STOP_AND_TURN,
        "globalUseStraightLine": 1,
    }
    waypoint: Fields = {
        "ellipsoidHeight": order.height_m,
        "height": order.height_m,
        "useGlobalHeight": 1,
        "useGlobalSpeed": 1,
        "useGlobalHeadingParam": 1,
        "useGlobalTurnParam": 1,
        "gimbalPitchAngle": order.pitch_deg,
    }
    return _page(plan, leg, head, folder, waypoint)


def _waylines(plan: FlightPlan, leg: PlacedLeg) -> Element:
    order = plan.order
    folder: Fields = {
        "templateId": 0,
        "executeHeightMode": "relativeToStartPoint",
        "waylineId": 0,
        "distance": round(leg.metres, 1),
        "duration": round(leg.seconds, 1),
        "autoFlightSpeed": order.speed_m_s,
    }
    waypoint: Fields = {
        "executeHeight": order.height_m,
        "waypointSpeed": order.speed_m_s,
        "waypointHeadingParam": {"waypointHeadingMode": "followWayline"},
        "waypointTurnParam": {"waypointTurnMode": _STOP_AND_TURN, "waypointTurnDampingDist": 0},
        "useStraightLine": 1,
    }
    return _page(plan, leg, {}, folder, waypoint)


def _page(
    plan: FlightPlan, leg: PlacedLeg, head: Fields, folder: Fields, waypoint: Fields
) -> Element:
    """The document: its head, the mission, and a folder with the same fields at every waypoint."""
    root = Element(f"{{{KML}}}kml")
    page = SubElement(root, f"{{{KML}}}Document")
    _fill(page, {**head, "missionConfig": _mission(plan)})
    inside = SubElement(page, f"{{{KML}}}Folder")
    _fill(inside, folder)
    for number, here in enumerate(leg.waypoints):
        placemark = _placemark(inside, here.lon_lat, number)
        _fill(placemark, waypoint)
        _add_actions(placemark, plan, leg, number)
    return root


def _mission(plan: FlightPlan) -> Fields:
    drone, sub_type, payload = plan.order.drone.wpml_model
    return {
        "flyToWaylineMode": "safely",
        "finishAction": "goHome",
        "exitOnRCLost": "executeLostAction",
        "executeRCLostAction": "goBack",
        "takeOffSecurityHeight": _SAFE_M,
        "globalTransitionalSpeed": _TRANSIT_M_S,
        "droneInfo": {"droneEnumValue": drone, "droneSubEnumValue": sub_type},
        "payloadInfo": {"payloadEnumValue": payload, "payloadPositionIndex": 0},
    }


def _add_actions(placemark: Element, plan: FlightPlan, leg: PlacedLeg, number: int) -> None:
    """What the camera does at a waypoint; photographs are taken by the way flown since."""
    here = leg.waypoints[number].is_survey
    after = number + 1 < len(leg.waypoints) and leg.waypoints[number + 1].is_survey
    films = not plan.order.takes_photographs
    actions = [_gimbal(plan)] if number == 0 else []
    actions += [("startRecord", _CAMERA)] if films and after and not here else []
    actions += [("stopRecord", _CAMERA)] if films and here and not after else []
    if actions:
        _add_group(
            placemark, 2 * number, (number, number), {"actionTriggerType": "reachPoint"}, actions
        )
    if not films and after:
        every: Fields = {
            "actionTriggerType": "multipleDistance",
            "actionTriggerParam": plan.photograph_every_m,
        }
        _add_group(placemark, 2 * number + 1, (number, number + 1), every, [("takePhoto", _CAMERA)])


_CAMERA: Fields = {"payloadPositionIndex": 0, "useGlobalPayloadLensIndex": 1}


def _gimbal(plan: FlightPlan) -> tuple[str, Fields]:
    turn: Fields = {
        "gimbalHeadingYawBase": "aircraft",
        "gimbalRotateMode": "absoluteAngle",
        "gimbalPitchRotateEnable": 1,
        "gimbalPitchRotateAngle": plan.order.pitch_deg,
        "gimbalRollRotateEnable": 0,
        "gimbalRollRotateAngle": 0,
        "gimbalYawRotateEnable": 0,
        "gimbalYawRotateAngle": 0,
        "gimbalRotateTimeEnable": 0,
        "gimbalRotateTime": 0,
        "payloadPositionIndex": 0,
    }
    return "gimbalRotate", turn


def _add_group(
    placemark: Element,
    number: int,
    span: tuple[int, int],
    trigger: Fields,
    actions: Sequence[tuple[str, Fields]],
) -> None:
    group = SubElement(placemark, f"{{{WPML}}}actionGroup")
    _fill(
        group,
        {
            "actionGroupId": number,
            "actionGroupStartIndex": span[0],
            "actionGroupEndIndex": span[1],
            "actionGroupMode": "sequence",
            "actionTrigger": trigger,
        },
    )
    for i, (function, parameters) in enumerate(actions):
        _fill(
            SubElement(group, f"{{{WPML}}}action"),
            {
                "actionId": i,
                "actionActuatorFunc": function,
                "actionActuatorFuncParam": parameters,
            },
        )


def _placemark(folder: Element, place: tuple[float, float], number: int) -> Element:
    placemark = SubElement(folder, f"{{{KML}}}Placemark")
    point = SubElement(placemark, f"{{{KML}}}Point")
    SubElement(point, f"{{{KML}}}coordinates").text = f"{place[0]:.8f},{place[1]:.8f}"
    _fill(placemark, {"index": number})
    return placemark


def _fill(parent: Element, fields: Fields) -> None:
    for name, value in fields.items():
        child = SubElement(parent, f"{{{WPML}}}{name}")
        if isinstance(value, Mapping):
            _fill(child, value)
        else:
            child.text = value if isinstance(value, str) else f"{value:.15g}"
