"""From points in buffers or standards to a Calibration, or a refusal that says why. Pure.

A point is (reference, raw, °C): what the buffer is at that temperature, what the probe said.

Errors
    CalibrationError   the points show no healthy electrode, or do not determine a line
"""

from xunhe_buoy.calibration import Calibration
from xunhe_buoy.chemistry import ph_slope_mv

# Health of a pH electrode, makers' pages (Hanna, Onset): see chemistry-and-qc in the references.
OFFSET_GOOD_MV = 30.0
OFFSET_LIMIT_MV = 60.0
SLOPE_LOW, SLOPE_HIGH = 0.85, 1.05  # of theory; the electrodes of Orion ask for 0.92 to 1.02
# For other quantities the limits catch a wrong buffer or a slip of the hand; to be confirmed.
LINE_LOW, LINE_HIGH = 0.5, 2.0
_APART_PH = 1.0  # two buffers nearer than this determine no slope

# One point can set one number. Where a probe ages by losing gain, it is the slope.
_ONE_POINT_SETS_SLOPE = ("do_fraction", "do_mg_l", "nh4_n_mg_l", "flow_l_s", "velocity_m_s")


class CalibrationError(ValueError):
    """Points that must not be put in force."""


def calibration(quantity, points, at_s=None, by=""):
    """The Calibration of one to three points; CalibrationError with the reason."""
    if not 1 <= len(points) <= 3:
        raise CalibrationError("give one to three points, not %d" % len(points))
    made = _KINDS.get(quantity, _linear)(quantity, sorted(points))
    made.at_s = at_s
    made.by = by
    return made


def warnings(made):
    """What a technician should know of an accepted calibration; empty where all is well."""
    if made.quantity == "ph_mv" and abs(made.offset) > OFFSET_GOOD_MV:
        return (
            "offset %.1f mV is beyond ±%d mV: clean or replace soon"
            % (made.offset, OFFSET_GOOD_MV),
        )
    return ()


def _ph(quantity, points):
    """One point sets the offset, two a line, three a line on each side of pH 7."""
    theory = [(ph_slope_mv(temp_c) * (7.0 - ph), mv) for ph, mv, temp_c in points]
    for i in range(1, len(points)):
        if points[i][0] - points[i - 1][0] < _APART_PH:
            raise CalibrationError("buffers less than %.0f pH apart" % _APART_PH)
    if len(points) == 1:
        acid = base = 1.0
        offset_mv = theory[0][1] - theory[0][0]
    elif len(points) == 2:
        offset_mv, acid = line(theory)
        base = acid
    else:
        offset_mv, acid, base = _two_sides(theory)
    _check_electrode(offset_mv, (acid, base))
    return Calibration(quantity, points, acid, offset_mv, base)


def _two_sides(theory):
    """(offset, acid slope, base slope): two lines joined at pH 7.

    The side with two points gives its slope and the offset; the other's slope starts from there.
    """
    low, middle, high = theory  # the potential falls with pH
    if low[0] <= 0 or high[0] >= 0:
        raise CalibrationError("three buffers must lie on both sides of pH 7")
    if middle[0] >= 0:
        offset_mv, acid = line((low, middle))
        return offset_mv, acid, (high[1] - offset_mv) / high[0]
    offset_mv, base = line((middle, high))
    return offset_mv, (low[1] - offset_mv) / low[0], base


def _check_electrode(offset_mv, slopes):
    if abs(offset_mv) > OFFSET_LIMIT_MV:
        raise CalibrationError(
            "offset %.1f mV is beyond ±%d mV: wrong buffer or spent electrode"
            % (offset_mv, OFFSET_LIMIT_MV)
        )
    _check_slopes(slopes)


def _check_slopes(slopes):
    for slope in slopes:
        if not SLOPE_LOW <= slope <= SLOPE_HIGH:
            raise CalibrationError(
                "slope %.1f %% is outside %d to %d %%: wrong buffer or spent electrode"
                % (100 * slope, round(100 * SLOPE_LOW), round(100 * SLOPE_HIGH))
            )


def _ammonium(quantity, points):
    """One standard sets the potential at 1 mg/L N, more the slope too."""
    from math import log10

    if points[0][0] <= 0:
        raise CalibrationError("a standard of %g mg/L has no potential" % points[0][0])
    theory = [(ph_slope_mv(temp_c) * log10(mg_l), mv) for mg_l, mv, temp_c in points]
    if len(points) == 1:
        return Calibration(quantity, points, 1.0, theory[0][1] - theory[0][0])
    standard_mv, slope = line(theory)
    _check_slopes((slope,))
    return Calibration(quantity, points, slope, standard_mv)


def _linear(quantity, points):
    """value = slope × raw + offset."""
    if len(points) > 1:
        offset, slope = line([(raw, reference) for reference, raw, _ in points])
    else:
        ((reference, raw, _),) = points
        slope, offset = 1.0, reference - raw
        if quantity in _ONE_POINT_SETS_SLOPE:
            if raw <= 0:
                raise CalibrationError("the probe shows %g: no slope can be had from that" % raw)
            slope, offset = reference / raw, 0.0
    if not LINE_LOW <= slope <= LINE_HIGH:
        raise CalibrationError(
            "slope %.2f is outside %.1f to %.1f: wrong standard?" % (slope, LINE_LOW, LINE_HIGH)
        )
    return Calibration(quantity, points, slope, offset)


def line(points):
    """(offset, slope) of the straight line of least squares through (x, y) points."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if spread == 0:
        raise CalibrationError("two points are the same: they determine no line")
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    return mean_y - slope * mean_x, slope


_KINDS = {"ph_mv": _ph, "nh4_mv": _ammonium}
