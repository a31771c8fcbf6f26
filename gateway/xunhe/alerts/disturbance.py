"""The rule that nobody meddles with a buoy: its lid stays shut, and it stays at its anchor."""

from datetime import datetime
from typing import Any

from xunhe.domain.incident import Cleared, Finding, Rule, Severity
from xunhe.domain.registry import Station

_ENDS = {"lid_shut": Rule.LID_OPEN, "at_anchor": Rule.ADRIFT}


def judge_event(
    station: Station, content: dict[str, Any], now: datetime
) -> Finding | Cleared | None:
    """What an event of a station's buoy means, if anything."""
    event = str(content.get("event"))
    if event in _ENDS:
        return Cleared(_ENDS[event], station.code, now)
    if event == "lid_open":
        zh = f"{station.name}的浮标被打开：如非检修，请派人查看"
        en = f"the buoy of {station.name_en} was opened: unless it is serviced, send somebody"
        return Finding(Rule.LID_OPEN, station.code, "lid", now, Severity.MINOR, None, None, zh, en)
    if event == "adrift":
        return _adrift(station, content, now)
    return None


def _adrift(station: Station, content: dict[str, Any], now: datetime) -> Finding:
    metres = content.get("away_m")
    away_m = float(metres) if isinstance(metres, (int, float)) else None
    far_zh = "" if away_m is None else f"{away_m:.0f} 米"
    far_en = "" if away_m is None else f" {away_m:.0f} m"
    return Finding(
        Rule.ADRIFT,
        station.code,
        "position",
        now,
        Severity.MAJOR,
        away_m,
        None,
        f"{station.name}的浮标离开锚位{far_zh}：请尽快打捞",
        f"the buoy of {station.name_en} is{far_en} away from its anchor: recover it soon",
    )
