"""The rule that a station must be heard."""

from datetime import datetime, timedelta

from xunhe.domain.incident import Finding, Rule, Severity
from xunhe.domain.registry import Station
from xunhe.settings import RuleSettings


def find_silence(
    station: Station, heard_at: datetime, now: datetime, settings: RuleSettings
) -> Finding | None:
    """A finding where nothing came from the station for `silent_intervals` of its interval."""
    silence = now - heard_at
    if silence <= timedelta(seconds=settings.silent_intervals * station.interval_s):
        return None
    minutes = round(silence.total_seconds() / 60)
    return Finding(
        Rule.SILENT,
        station.code,
        "silence",
        now,
        Severity.MINOR,
        None,
        None,
        f"{station.name}已{minutes}分钟没有数据：请检查供电、网络和浮标",
        f"no data from {station.name_en} for {minutes} min: check power, network and the buoy",
    )
