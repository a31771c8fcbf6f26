"""Telemetry for a script (JSON) and for a person."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from xunhe.domain.pose import Measured, Pose
from xunhe.domain.telemetry import Refusal, Telemetry, TelemetryError

_SHOWN = 20
_MEASURED = {
    "height_above_ground_m": "离地高 above ground, m",
    "height_above_sea_m": "海拔 above sea, m",
    "yaw_deg": "相机方位角 camera yaw, °",
    "pitch_deg": "相机俯仰角 camera pitch, °",
    "roll_deg": "相机横滚角 camera roll, °",
    "horizontal_fov_deg": "水平视场角 horizontal view, °",
}


def document(file: Path, telemetry: Telemetry) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "file": file.name,
        "dialect": telemetry.dialect,
        "notes": telemetry.notes,
        "without_position": telemetry.without_position,
        "refused": [_refusal(one) for one in telemetry.refusals],
        "poses": [_pose(pose) for pose in telemetry.poses],
    }


def refused(file: Path, error: TelemetryError) -> dict[str, Any]:
    """The same where nothing is of use."""
    return {"file": file.name, "refused": [_refusal(one) for one in error.refusals], "poses": []}


def shortened(refusals: Sequence[Refusal]) -> str:
    """The first refusals, one a line, and how many more there are."""
    lines = [str(one) for one in refusals[:_SHOWN]]
    more = len(refusals) - len(lines)
    return "\n".join([*lines, *([f"还有 {more} 处 / and {more} more"] if more else [])])


def summary(file: Path, telemetry: Telemetry) -> Table:
    """What a person wants to know first."""
    first, last = telemetry.poses[0], telemetry.poses[-1]
    table = Table("项 item", "值 value", title=file.name)
    table.add_row("格式 dialect", telemetry.dialect)
    table.add_row("位姿 poses", str(len(telemetry.poses)))
    table.add_row("无坐标 without a position", str(telemetry.without_position))
    table.add_row("时长 lasts", f"{last.time_s - first.time_s:.1f} s")
    table.add_row("开始 begins", "无 none" if first.instant is None else first.instant.isoformat())
    table.add_row("起点 from", f"{first.latitude_deg:.6f}, {first.longitude_deg:.6f}")
    for name, title in _MEASURED.items():
        table.add_row(title, _range([getattr(pose, name) for pose in telemetry.poses]))
    for note in telemetry.notes:
        table.add_row("说明 note", note)
    return table


def _range(values: Sequence[Measured | None]) -> str:
    known = [one for one in values if one is not None]
    if not known:
        return "无 none"
    low, high = min(one.value for one in known), max(one.value for one in known)
    return f"{low:.1f} … {high:.1f} (± {max(one.sd for one in known):.1f})"


def _refusal(one: Refusal) -> dict[str, Any]:
    return {
        "line": one.line,
        "offset": one.offset,
        "reason_zh": one.reason_zh,
        "reason_en": one.reason_en,
    }


def _pose(pose: Pose) -> dict[str, Any]:
    measured = {name: getattr(pose, name) for name in _MEASURED}
    return {
        "time_s": round(pose.time_s, 6),
        "instant": None if pose.instant is None else pose.instant.isoformat(),
        "latitude_deg": pose.latitude_deg,
        "longitude_deg": pose.longitude_deg,
        "position_sd_m": round(pose.position_sd_m, 3),
        **{
            name: None if one is None else {"value": round(one.value, 6), "sd": round(one.sd, 3)}
            for name, one in measured.items()
        },
    }
