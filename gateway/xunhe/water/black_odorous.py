"""Black and odorous water (黑臭水体): an alarm ladder of its own, beside the classes.

Limits of 城市黑臭水体整治工作指南 as Zhou and Wang (2017) print them. That the outer end points
(25 cm, 2.0 mg/L, 50 mV, 8.0 mg/L) belong to 轻度 is to be confirmed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from xunhe.water.indicators import names_en, names_zh

SHALLOW_CM = 25.0
SHALLOW_SHARE = 0.4  # of the depth: the limit of transparency there (to be confirmed)


class Rung(IntEnum):
    """How far up the ladder; a greater number is worse."""

    NONE = 0
    LIGHT = 1
    HEAVY = 2

    @property
    def wording(self) -> str:
        """The guide's wording."""
        return ("未达黑臭", "轻度黑臭", "重度黑臭")[self]

    @property
    def wording_en(self) -> str:
        """The same in English."""
        return ("not black and odorous", "lightly black and odorous", "heavily so")[self]


@dataclass(frozen=True, slots=True)
class _Steps:
    """`sign` -1: low values are bad. At `light` begins 轻度, beyond `heavy` 重度."""

    light: float
    heavy: float
    sign: int

    def rung(self, value: float) -> Rung:
        if self.sign * value > self.sign * self.heavy:
            return Rung.HEAVY
        return Rung.LIGHT if self.sign * value >= self.sign * self.light else Rung.NONE


_LADDER = {
    "transparency_cm": _Steps(25.0, 10.0, -1),
    "do_mg_l": _Steps(2.0, 0.2, -1),
    "orp_mv": _Steps(50.0, -200.0, -1),
    "nh3n_mg_l": _Steps(8.0, 15.0, +1),
}


@dataclass(frozen=True, slots=True)
class BlackOdorous:
    """The highest rung that any of the measured indicators stands on."""

    rung: Rung
    properties: tuple[str, ...]
    deciding: tuple[str, ...]  # () where none stands on the ladder

    @property
    def label(self) -> str:
        """Such as `轻度黑臭 · 2项（溶解氧、氨氮）`."""
        return f"{self.rung.wording} · {len(self.properties)}项（{names_zh(self.properties)}）"

    @property
    def label_en(self) -> str:
        """The same in English."""
        return f"{self.rung.wording_en} by {names_en(self.properties)}"


def black_odorous(values: Mapping[str, float]) -> BlackOdorous | None:
    """The rung by the worst of the four indicators; None where none of them was measured.

    `depth_cm`, where it is among the values, says whether the water is shallow.
    """
    rungs = {
        prop: rung_of(prop, value, values.get("depth_cm"))
        for prop, value in values.items()
        if prop in _LADDER
    }
    if not rungs:
        return None
    worst = max(rungs.values())
    deciding = tuple(prop for prop, rung in rungs.items() if worst and rung == worst)
    return BlackOdorous(worst, tuple(rungs), deciding)


def rung_of(prop: str, value: float, depth_cm: float | None = None) -> Rung:
    """The rung of one of the four indicators. KeyError for any other.

    Shallow water (under 25 cm) can be seen through to less: there transparency counts from 40 % of
    the depth, and no more than 轻度 is said, for the guide gives no second limit.
    """
    if prop == "transparency_cm" and depth_cm is not None and depth_cm < SHALLOW_CM:
        return Rung.LIGHT if value <= SHALLOW_SHARE * depth_cm else Rung.NONE
    return _LADDER[prop].rung(value)
