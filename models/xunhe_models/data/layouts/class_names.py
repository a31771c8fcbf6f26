"""From the names that others give their classes to ours."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from xunhe_models.data.pictures import CLASSES, IGNORE
from xunhe_models.data.problems import LayoutError

BACKGROUND = ""  # labelled by others, of no interest here: like water
OUTFALL = "outfall"


@dataclass(frozen=True, slots=True)
class ClassNames:
    """`ours` maps their names to our labels; `rest` is the label of every other name, if any."""

    ours: Mapping[str, str] = field(default_factory=dict)
    rest: str | None = None

    def label(self, name: str) -> str | None:
        """Our label, BACKGROUND, or None for a name that nobody has told us about."""
        known = _plain(name)
        return self.ours.get(known, self.rest if self.rest is not None else _COMMON.get(known))

    def with_more(self, more: Mapping[str, str]) -> "ClassNames":
        """The same, with a user's own names put first. LayoutError for a label that is not ours."""
        for name, label in more.items():
            if label not in (*CLASSES, IGNORE, OUTFALL, BACKGROUND):
                allowed = ", ".join((*CLASSES, OUTFALL, IGNORE))
                raise LayoutError(
                    f"class {name!r} cannot become {label!r}: choose one of {allowed},"
                    " or nothing for background"
                )
        return ClassNames({**self.ours, **{_plain(k): v for k, v in more.items()}}, self.rest)


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


_LITTER = """
    litter trash garbage rubbish waste debris floating_debris floating_litter floating_waste
    floating_object floater plastic plastics plastic_bottle bottle bottles plastic_bag bag can
    tin_can container containers glass paper metal cardboard carton box styrofoam foam_box cup
    漂浮物 垃圾 水面垃圾 塑料 塑料瓶 瓶子 塑料袋 易拉罐 泡沫箱
"""
_MATS = "vegetation_mat water_hyacinth hyacinth duckweed water_lettuce 水葫芦 凤眼莲 浮萍 水浮莲"
_OUTFALLS = "outfall sewage_outfall outlet 排污口 排口"
_COMMON = (
    dict.fromkeys(_LITTER.split(), "litter")
    | dict.fromkeys(_MATS.split(), "vegetation_mat")
    | dict.fromkeys(_OUTFALLS.split(), OUTFALL)
    | {IGNORE: IGNORE}
)
