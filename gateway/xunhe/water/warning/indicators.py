"""The indicators that the early warning joins, and on which scale each of them is judged."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.observation import SUSPECT
from xunhe.water.series import Series
from xunhe_buoy.quality import RIVER_LIMITS

Floats = NDArray[np.float64]

_LOG_FLOOR_MG_L = 0.02  # keeps the logarithm of a probe's zero finite


@dataclass(frozen=True, slots=True)
class Indicator:
    """A property, the directions in which a discharge moves it, and what it is called.

    `least_noise` and `least_scale` are floors for what is learnt, on the judging scale: no probe is
    better than that, whatever a calm fortnight says.
    """

    prop: str
    directions: tuple[int, ...]  # +1 up, -1 down
    is_relative: bool  # noise grows with the value: judged as a logarithm
    least_noise: float
    least_scale: float
    name_zh: str
    name_en: str
    unit: str
    digits: int

    def judged(self, series: Series) -> Floats:
        """The values that may be judged, NaN for the others.

        A value that is suspect for lying outside what rivers have is among them: strong acid is
        just that. Where it is the probe's fault, three in a row are rare.
        """
        ordinary = RIVER_LIMITS[self.prop].suspect
        is_extreme = (series.values < ordinary[0]) | (series.values > ordinary[1])
        is_judged = series.is_usable | ((series.flags == SUSPECT) & is_extreme)
        return np.where(is_judged, series.values, np.nan)

    def scaled(self, values: Floats) -> Floats:
        """Values on the judging scale."""
        if not self.is_relative:
            return values
        return np.log(np.maximum(values, 0.0) + _LOG_FLOOR_MG_L)

    def unscaled(self, values: Floats) -> Floats:
        """The inverse of `scaled`, never below the probe's zero."""
        return np.maximum(0.0, np.exp(values) - _LOG_FLOOR_MG_L) if self.is_relative else values


AMMONIA = Indicator("nh3n_mg_l", (+1,), True, 0.08, 0.04, "氨氮", "ammonia nitrogen", "mg/L", 2)
OXYGEN = Indicator("do_mg_l", (-1,), False, 0.1, 0.08, "溶解氧", "dissolved oxygen", "mg/L", 1)
PH = Indicator("ph", (+1, -1), False, 0.03, 0.03, "pH", "pH", "", 2)
INDICATORS = (AMMONIA, OXYGEN, PH)
