"""Water on the scale of the classes, so that a discharge has a size: 1.0 is one class wide.

The position runs from 0 through 1 (the limit of class Ⅰ) to 5 (that of Ⅴ) and on, linear between
the limits of GB 3838-2002, Table 1. A shift of 1.0 always changes the class. pH has one range for
all classes: there 1.0 is the way from the water's own pH to the limit. The limits are written here
once more, apart from the gateway's, which this bench judges.
"""

import numpy as np

_NH3N_MG_L = (0.0, 0.15, 0.5, 1.0, 1.5, 2.0)
_DO_MG_L = (9.0, 7.5, 6.0, 5.0, 3.0, 2.0)  # 9.0: about saturation, the best there is
PH_LOW, PH_HIGH = 6.0, 9.0
_ABOVE_V = 0.5  # mg/L of ammonia a class beyond Ⅴ


def nh3n_position(mg_l: float) -> float:
    """Where an ammonia concentration stands."""
    beyond = max(0.0, mg_l - _NH3N_MG_L[-1]) / _ABOVE_V
    return float(np.interp(mg_l, _NH3N_MG_L, range(6))) + beyond


def nh3n_at(position: float) -> float:
    """The concentration at a position, mg/L."""
    return float(np.interp(position, range(6), _NH3N_MG_L)) + max(0.0, position - 5) * _ABOVE_V


def do_position(mg_l: float) -> float:
    """Where a concentration of oxygen stands; whatever is above 9 mg/L stands at 0."""
    beyond = max(0.0, _DO_MG_L[-1] - mg_l) / 2  # from 2 mg/L to none: one class more
    return float(np.interp(-mg_l, [-limit for limit in _DO_MG_L], range(6))) + beyond


def do_at(position: float) -> float:
    """The oxygen at a position, mg/L, at least 0."""
    at = float(np.interp(position, range(6), _DO_MG_L)) - max(0.0, position - 5) * 2
    return max(0.0, at)


def ph_at(ph: float, size: float, *, acid: bool) -> float:
    """The pH that lies `size` of the way from `ph` to the limit, and beyond for more than 1."""
    limit = PH_LOW if acid else PH_HIGH
    return ph + size * (limit - ph)


def water_class(nh3n_mg_l: float, do_mg_l: float, ph: float) -> int:
    """1 … 6 (劣Ⅴ) by the worst of the three; limits are inclusive."""
    if not PH_LOW <= ph <= PH_HIGH:
        return 6
    nh3n = int(np.searchsorted(_NH3N_MG_L[1:], nh3n_mg_l, side="left")) + 1
    do = int(np.searchsorted([-limit for limit in _DO_MG_L[1:]], -do_mg_l, side="left")) + 1
    return max(nh3n, do)
