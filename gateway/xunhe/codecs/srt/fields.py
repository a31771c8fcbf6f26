"""The text of one subtitle as values: which dialect it is written in and what it says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from xunhe.codecs.srt.blocks import Block

_NUMBER = r"[-+]?\d{1,12}(?:\.\d{1,12})?"
_TAG = re.compile(r"<[^<>]*>")
_CLOCK = re.compile(
    r"(\d{4})[-.](\d{1,2})[-.](\d{1,2}) (\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,3})(?:,(\d{3}))?)?",
    re.ASCII,
)
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_PAIR = re.compile(rf"([A-Za-z_]\w*)\s*:\s*({_NUMBER}|[Nn]/?[Aa])(?![\w/.])", re.ASCII)
_PLACE = re.compile(r"\b(GPS|HOME) ?\(([^()]*)\)", re.ASCII)
_GIMBAL = re.compile(r"\bG\.PRY ?\(([^()]*)\)", re.ASCII)
_BAROMETER = re.compile(rf"\b(?:BAROMETER|Hb) ?: ?({_NUMBER})", re.ASCII)
_HEIGHT = re.compile(rf"\bH ({_NUMBER})m\b", re.ASCII)
_DISTANCE = re.compile(rf"\bD ({_NUMBER})m\b", re.ASCII)
_ABSENT = re.compile(r"n/?a", re.IGNORECASE)

Pair = tuple[str, str]


class FieldError(ValueError):
    """The text cannot be used: (Chinese, English)."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Entry:
    """What one subtitle says; None where it does not.

    `place` are the two coordinates as written, by name in `bracketed`, in the order of the file
    elsewhere; `home` likewise; texts, because their digits tell how exact they are.
    `gimbal_deg` is (yaw, pitch, roll); `local_time` has no zone.
    """

    line: int
    dialect: str
    times_s: tuple[float, float] | None
    local_time: datetime | None
    place: Pair | None
    home: Pair | None = None
    distance_m: float | None = None
    relative_m: float | None = None
    above_sea_m: float | None = None
    gimbal_deg: tuple[float, float, float] | None = None
    focal_35mm: float | None = None
    zoom: float = 1.0


def entry(block: Block) -> Entry:
    """The values of a block. FieldError where it is no telemetry or is cut off."""
    text = _TAG.sub(" ", " ".join(block.lines))
    if "[" in text:
        return _bracketed(block, text)
    if _PLACE.search(text):
        return _in_parentheses(block, text)
    if "(" in text and ")" not in text.rpartition("(")[2]:
        raise FieldError("内容被截断", "cut off in the middle of a value")
    raise FieldError("没有遥测数据", "no telemetry in it")


def _bracketed(block: Block, text: str) -> Entry:
    if text.count("[") != text.count("]"):
        raise FieldError("方括号不成对，内容被截断", "a bracket is not closed: cut off")
    pairs = dict(_PAIR.findall(" ; ".join(_BRACKETS.findall(text))))
    known = {key: float(value) for key, value in pairs.items() if not _ABSENT.match(value)}
    return Entry(
        block.line,
        "bracketed",
        block.times_s,
        _clock(text),
        _named_place(pairs),
        relative_m=known.get("rel_alt"),
        above_sea_m=known.get("abs_alt", known.get("altitude")),
        gimbal_deg=_gimbal_of(known),
        focal_35mm=_focal_35mm(pairs.get("focal_len")),
        zoom=_zoom(pairs.get("dzoom_ratio")),
    )


def _named_place(pairs: Mapping[str, str]) -> Pair | None:
    latitude = pairs.get("latitude")
    longitude = pairs.get("longitude", pairs.get("longtitude"))  # DJI's own slip
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None:
        raise FieldError("只有一个坐标", "one coordinate without the other")
    is_absent = _ABSENT.match(latitude) or _ABSENT.match(longitude)
    return None if is_absent else (latitude, longitude)


def _gimbal_of(known: Mapping[str, float]) -> tuple[float, float, float] | None:
    if "gb_yaw" not in known or "gb_pitch" not in known:
        return None
    return known["gb_yaw"], known["gb_pitch"], known.get("gb_roll", 0.0)


def _focal_35mm(text: str | None) -> float | None:
    """Written as 24.00 or, in tenths, as 240."""
    if text is None or _ABSENT.match(text):
        return None
    value = float(text) if "." in text else float(text) / 10
    return value if value >= 5 else None


def _zoom(text: str | None) -> float:
    """The digital zoom, written as 1.00 or, in ten-thousandths, as 10000."""
    if text is None or _ABSENT.match(text):
        return 1.0
    value = float(text) if "." in text else float(text) / 10_000
    return max(value, 1.0)


def _in_parentheses(block: Block, text: str) -> Entry:
    places = {name: _coordinates(inside) for name, inside in _PLACE.findall(text)}
    if "GPS" not in places:
        raise FieldError("没有 GPS 坐标，内容被截断", "HOME without GPS: cut off")
    gimbal = _GIMBAL.search(text)
    has_home_line = _BAROMETER.search(text) is not None
    return Entry(
        block.line,
        "home" if has_home_line else "letters",
        block.times_s,
        _clock(text),
        places["GPS"],
        places.get("HOME"),
        distance_m=_first(_DISTANCE, text),
        relative_m=_first(_BAROMETER if has_home_line else _HEIGHT, text),
        gimbal_deg=None if gimbal is None else _pitch_roll_yaw(gimbal[1]),
    )


def _coordinates(inside: str) -> Pair | None:
    parts = [part.strip() for part in inside.split(",")]
    if len(parts) < 2:
        raise FieldError("坐标不足两个", "fewer than two coordinates")
    if any(_ABSENT.fullmatch(part) for part in parts[:2]):
        return None
    for part in parts[:2]:
        if not re.fullmatch(_NUMBER, part, re.ASCII):
            raise FieldError(f"坐标 {part[:20]!r} 不是数", f"coordinate {part[:20]!r} is no number")
    return parts[0], parts[1]


def _pitch_roll_yaw(inside: str) -> tuple[float, float, float] | None:
    found = re.findall(_NUMBER, inside, re.ASCII)
    if len(found) != 3:
        return None
    pitch, roll, yaw = map(float, found)
    return yaw, pitch, roll


def _first(pattern: re.Pattern[str], text: str) -> float | None:
    found = pattern.search(text)
    return None if found is None else float(found[1])


def _clock(text: str) -> datetime | None:
    found = _CLOCK.search(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    micros = int((found[7] or "").ljust(3, "0") + (found[8] or "000"))
    try:
        return datetime(year, month, day, hour, minute, second, micros)
    except ValueError:
        raise FieldError(
            f"日期 {found[0]} 不存在", f"there is no such date as {found[0]}"
        ) from None
