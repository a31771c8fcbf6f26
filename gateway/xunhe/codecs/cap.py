"""CAP 1.2 (Common Alerting Protocol, OASIS 2010; ITU-T X.1303bis): a bulletin as an alert.

`sent` carries an offset, never Z (3.3.2). An Update or Cancel names the earlier messages in
`references` as "sender,identifier,sent" (3.2.1). Two `info` blocks: zh-CN first, then en.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_MESSAGE = {"opened": "Alert", "updated": "Update", "ended": "Update", "withdrawn": "Cancel"}
_SEVERITY = {"minor": "Minor", "major": "Moderate", "severe": "Severe"}
_EXPIRES = timedelta(days=1)
_LANGUAGES = {"zh": "zh-CN", "en": "en"}
_ENDED = {"zh": "已恢复。", "en": "It is over."}
_WITHDRAWN = {"zh": "经核实为误报，撤回。", "en": "A person found it to be false: withdrawn."}


def identifier(sender: str, incident: int, number: int) -> str:
    """Unique for a sender; free of spaces, commas and what else 3.2.1 forbids."""
    return f"{sender}.{incident}.{number}"


def alert(
    body: Mapping[str, Any], number: int, at: datetime, sender: str, *, is_exercise: bool = False
) -> bytes:
    """The XML of bulletin `number`, told at `at` (aware, in the offset to show); UTF-8."""
    root = ET.Element("alert", xmlns=NAMESPACE)
    incident = body["incident"]
    _put(root, "identifier", identifier(sender, incident, number))
    _put(root, "sender", sender)
    _put(root, "sent", _stamp(at))
    _put(root, "status", "Exercise" if is_exercise else "Actual")
    _put(root, "msgType", _MESSAGE[body["change"]])
    _put(root, "scope", "Public")
    if body["before"]:
        references = [
            f"{sender},{identifier(sender, incident, earlier)},{_stamp(_in_zone_of(at, sent))}"
            for earlier, sent in body["before"]
        ]
        _put(root, "references", " ".join(references))
    _put(root, "incidents", str(incident))
    for language in _LANGUAGES:
        _info(root, body, at, language)
    return bytes(ET.tostring(root, "utf-8", xml_declaration=True))


def headline(body: Mapping[str, Any], language: str) -> str:
    """One line on a bulletin, in `zh` or `en`."""
    words = body["words"][language]
    if language == "zh":
        return f"{body['reach']['name']}：{words}"
    return f"{body['reach']['name_en']}: {words}"


def _info(root: ET.Element, body: Mapping[str, Any], at: datetime, language: str) -> None:
    info = ET.SubElement(root, "info")
    words, is_over = body["words"][language], body["change"] in ("ended", "withdrawn")
    reach = body["reach"]["name" if language == "zh" else "name_en"]
    _put(info, "language", _LANGUAGES[language])
    _put(info, "category", "Env")
    _put(info, "event", words)
    _put(info, "responseType", "AllClear" if is_over else "Monitor")
    _put(info, "urgency", "Past" if is_over else "Immediate")
    _put(info, "severity", _SEVERITY[body["severity"]])
    _put(info, "certainty", "Observed" if body["is_confirmed"] else "Likely")
    _put(info, "onset", _stamp(_in_zone_of(at, body["started_at"])))
    _put(info, "expires", _stamp(at + _EXPIRES))
    _put(info, "headline", headline(body, language))
    _put(info, "description", _description(body, language))
    area = ET.SubElement(info, "area")
    _put(area, "areaDesc", reach)
    if body["lon_lat"] is not None:
        lon, lat = body["lon_lat"]
        _put(area, "circle", f"{lat:.5f},{lon:.5f} 0.5")
    geocode = ET.SubElement(area, "geocode")
    _put(geocode, "valueName", "reach")
    _put(geocode, "value", body["reach"]["code"])


def _description(body: Mapping[str, Any], language: str) -> str:
    if body["change"] == "withdrawn":
        return _WITHDRAWN[language]
    reasons = list(dict.fromkeys(each["reason"][language] for each in body["witnesses"]))
    said = ("；" if language == "zh" else "; ").join(reasons)
    return f"{_ENDED[language]} {said}" if body["change"] == "ended" else said


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _in_zone_of(at: datetime, text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(at.tzinfo)


def _stamp(at: datetime) -> str:
    """2026-11-22T16:00:00+08:00; UTC as -00:00, as 3.3.2 asks."""
    text = at.replace(microsecond=0).isoformat()
    return text.removesuffix("+00:00") + "-00:00" if text.endswith("+00:00") else text
