"""Whether points make a calibration that may go into force, or why not. Pure.

The line and its hard limits are the firmware's own (calibrating.py), so that tool and buoy never
disagree. What is added is what a technician can act on: the probe stands in the wrong buffer, the
zero is no zero, the standards are too near to each other, the electrode grows old.

    limit                refused beyond        warned of beyond      source
    pH offset            ±60 mV                ±30 mV                Hanna, Onset
    slope                85–105 % of theory    92–102 %              makers' pages; Orion
    a single buffer      ±60 mV of theory, ± 15 % of its distance from pH 7
    oxygen slope         0.5–2                 0.8–1.25              to be confirmed
    zero reading         0.05 of saturation, 0.5 mg/L                to be confirmed
    ammonium standards   less than 5 to 1 apart: warned of           two decades are usual
"""

from collections.abc import Sequence
from dataclasses import dataclass

from xunhe_buoy import calibrating
from xunhe_buoy.chemistry import ph_slope_mv
from xunhe_tools.buoy.calibrate_buffers import BUFFERS

SLOPE_GOOD = (0.92, 1.02)
LINE_GOOD = (0.8, 1.25)
ZERO_MOST = {"do_fraction": 0.05, "do_mg_l": 0.5}
APART = 5.0
_ELECTRODES = ("ph_mv", "nh4_mv")

Point = tuple[float, float, float]  # reference, raw, °C: as the buoy takes them


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True, slots=True)
class Line:
    """What the points give; `slope_base` differs above pH 7 only."""

    slope: float
    slope_base: float
    offset: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """`line` is None where it is refused, and then `reasons` say why."""

    line: Line | None
    reasons: tuple[Words, ...] = ()
    warnings: tuple[Words, ...] = ()

    @property
    def is_accepted(self) -> bool:
        return self.line is not None


def judge(quantity: str, points: Sequence[Point]) -> Judgement:
    """The judgement on one to three points of a raw quantity."""
    reasons = [reason for point in points if (reason := out_of_place(quantity, point))]
    if reasons:
        return Judgement(None, tuple(reasons))
    try:
        made = calibrating.calibration(quantity, [tuple(point) for point in points])
    except calibrating.CalibrationError as error:
        return Judgement(None, (Words(_zh(str(error)), str(error)),))
    line = Line(made.slope, made.slope_base, made.offset)
    return Judgement(line, warnings=tuple(_warnings(quantity, points, line)))


def out_of_place(quantity: str, point: Point) -> Words | None:
    """Why this one point cannot be of the standard that it is said to be; None where it can."""
    reference, raw, temp_c = point
    if quantity == "ph_mv":
        return _wrong_buffer(reference, raw, temp_c)
    most = ZERO_MOST.get(quantity)
    if most is not None and reference == 0 and abs(raw) > most:
        return Words(
            f"零点读数 {raw:.3f} 超过 {most}：亚硫酸钠失效或探头未浸没，换新溶液再等几分钟",
            f"the zero reads {raw:.3f}, more than {most}: the sulphite is spent or the probe not"
            " covered; take a fresh solution and wait some minutes",
        )
    return None


def _wrong_buffer(ph: float, mv: float, temp_c: float) -> Words | None:
    """A potential that no healthy electrode shows in this buffer, and in which it would."""
    if _fits(ph, mv, temp_c):
        return None
    shown = 7.0 - mv / ph_slope_mv(temp_c)
    words = (
        f"读数 {mv:.1f} mV（约 pH {shown:.1f}）不像 pH {ph:.2f} 缓冲液",
        f"{mv:.1f} mV (about pH {shown:.1f}) is not what pH {ph:.2f} gives",
    )
    fitting = [b.name for b in BUFFERS.values() if _fits(b.at(25).ph, mv, temp_c)]
    if not fitting:
        return Words(
            words[0] + "，也不像任何缓冲液：探头未浸没、断线或已损坏",
            words[1] + ", nor any buffer: the probe is dry, its cable broken, or it is spent",
        )
    nearest = min(fitting, key=lambda name: abs(float(name) - shown))
    return Words(
        words[0] + f"，更像 {nearest}：探头是否放错了瓶？",
        words[1] + f", but rather {nearest}: is it in the wrong bottle?",
    )


def _fits(ph: float, mv: float, temp_c: float) -> bool:
    theory_mv = ph_slope_mv(temp_c) * (7.0 - ph)
    room_mv = calibrating.OFFSET_LIMIT_MV + (1 - calibrating.SLOPE_LOW) * abs(theory_mv)
    return bool(abs(mv - theory_mv) <= room_mv)


def _warnings(quantity: str, points: Sequence[Point], line: Line) -> list[Words]:
    found = []
    if quantity == "ph_mv" and abs(line.offset) > calibrating.OFFSET_GOOD_MV:
        found.append(
            Words(
                f"零点 {line.offset:.1f} mV 超过 ±{calibrating.OFFSET_GOOD_MV:.0f} mV："
                "请清洗，不久需更换",
                f"offset {line.offset:.1f} mV is beyond ±{calibrating.OFFSET_GOOD_MV:.0f} mV:"
                " clean it, replace it soon",
            )
        )
    low, high = SLOPE_GOOD if quantity in _ELECTRODES else LINE_GOOD
    for slope in sorted({line.slope, line.slope_base}):
        if not low <= slope <= high:
            found.append(_worn(slope, low, high))
    if len(points) == 1:
        found.append(
            Words(
                "只有一点：只定一个数，另一个沿用出厂值",
                "one point sets one number; the other is the factory's",
            )
        )
    if quantity in ("nh4_mv", "nh4_n_mg_l") and _are_near(points):
        found.append(
            Words(
                f"两种标准液相差不足 {APART:.0f} 倍，斜率不可靠",
                f"standards less than {APART:.0f} to 1 apart: the slope is weak",
            )
        )
    return found


def _worn(slope: float, low: float, high: float) -> Words:
    return Words(
        f"斜率 {100 * slope:.1f} % 在 {100 * low:.0f}–{100 * high:.0f} % 之外：留意老化",
        f"slope {100 * slope:.1f} % is outside {100 * low:.0f} to {100 * high:.0f} %: it ages",
    )


def _are_near(points: Sequence[Point]) -> bool:
    references = [reference for reference, _, _ in points]
    return len(points) > 1 and max(references) < APART * min(references)


# What the firmware says in English (calibrating.py), by its first word.
_ZH = {
    "offset": "零点超限：标液不对或电极已失效",
    "slope": "斜率超限：标液不对或探头已失效",
    "buffers": "缓冲液之间不足 1 pH",
    "three": "三种缓冲液须在 pH 7 两侧",
    "two": "两点相同，不能定线",
    "the": "读数不为正，不能定斜率",
    "a": "零浓度没有电位",
    "give": "须有一至三点",
}


def _zh(reason: str) -> str:
    return _ZH[reason.split(maxsplit=1)[0]]
