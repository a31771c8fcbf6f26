"""Calibrations in force: one a probe and raw quantity, kept in one small file, whole or old.

    ph_mv      → ph           slope, slope_base: shares of theory below and above pH 7;
                              offset: mV at pH 7
    nh4_mv     → nh4_n_mg_l   slope: share of theory; offset: mV at 1 mg/L
    any other  → itself       value = slope × raw + offset

How points become a calibration: calibrating.py. The raw value is never changed; see sampling.py.
"""

import json

from xunhe_boot import disk, files

_DAY_S = 86400
# raw quantity → (what becomes of it, what the probe says that then no longer holds)
_BECOMES = {
    "ph_mv": ("ph", ()),
    "nh4_mv": ("nh4_n_mg_l", ()),
    "do_fraction": ("do_fraction", ("do_mg_l",)),
}


class Calibration:
    """Points are (reference, raw, °C) as the technician saw them; `at_s` Unix seconds, `by` who."""

    def __init__(self, quantity, points, slope, offset, slope_base=None, at_s=None, by=""):
        self.quantity = quantity
        self.points = points
        self.slope = slope
        self.slope_base = slope if slope_base is None else slope_base
        self.offset = offset
        self.at_s = at_s
        self.by = by

    def age_days(self, now_s):
        """Days since; None where either clock was not set."""
        if self.at_s is None or now_s is None:
            return None
        return (now_s - self.at_s) / _DAY_S

    def value(self, raw, temp_c):
        """The calibrated value of a raw one; None where it needs a temperature that is missing."""
        if self.quantity not in ("ph_mv", "nh4_mv"):
            return self.slope * raw + self.offset
        if temp_c is None:
            return None
        from xunhe_buoy import chemistry  # here: diagnostics look at calibrations without it

        if self.quantity == "ph_mv":
            return chemistry.ph_from_mv(raw, temp_c, self.offset, self.slope, self.slope_base)
        return chemistry.nh4_n_from_mv(raw, temp_c, self.offset, self.slope)

    def to_json(self):
        """As it stands in the file and in diagnostics."""
        return {
            "quantity": self.quantity,
            "points": self.points,
            "slope": self.slope,
            "slope_base": self.slope_base,
            "offset": self.offset,
            "at_s": self.at_s,
            "by": self.by,
        }


class Calibrations:
    """All calibrations of the buoy. A file that makes no sense is told, and treated as absent."""

    def __init__(self, path, say=lambda text: None):
        self._path = path
        self._probes = {}
        data = files.read(disk, path)
        try:
            if data is not None:
                self._probes = _from_json(json.loads(str(data, "utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            say("calibration file ignored: %s" % error)

    def of(self, probe):
        """The probe's newest Calibration, or None where the factory's holds."""
        kept = self.each(probe)
        return max(kept, key=lambda one: one.at_s or 0) if kept else None

    def each(self, probe):
        """All calibrations of the probe, one a raw quantity."""
        return tuple(self._probes.get(probe, {}).values())

    def save(self, probe, calibration):
        """Put it in force, on the medium first; OSError where that fails: the old one stays."""
        kept = {name: dict(ones) for name, ones in self._probes.items()}
        kept.setdefault(probe, {})[calibration.quantity] = calibration
        self._write(kept)

    def forget(self, probe):
        """Back to the factory's."""
        self._write({name: ones for name, ones in self._probes.items() if name != probe})

    def _write(self, probes):
        rows = {name: [one.to_json() for one in ones.values()] for name, ones in probes.items()}
        data = json.dumps(rows).encode()
        if len(data) > files.LIMIT:
            raise OSError("calibrations of %d bytes, at most %d" % (len(data), files.LIMIT))
        files.replace(disk, self._path, data)
        self._probes = probes


def corrected(values, calibrations, temp_c):
    """({quantity: value}, {quantity: raw quantity it came from}) of one probe's raw values."""
    result, sources = dict(values), {quantity: quantity for quantity in values}
    for calibration in calibrations:
        raw = values.get(calibration.quantity)
        if raw is None:
            continue
        quantity, outdated = _BECOMES.get(calibration.quantity, (calibration.quantity, ()))
        result[quantity] = calibration.value(raw, temp_c)
        sources[quantity] = calibration.quantity
        for other in outdated:
            result.pop(other, None)
    return result, sources


def _from_json(rows):
    return {
        name: {row["quantity"]: _calibration(row) for row in calibrations}
        for name, calibrations in rows.items()
    }


def _calibration(row):
    at_s = row["at_s"]
    return Calibration(
        row["quantity"],
        row["points"],
        float(row["slope"]),
        float(row["offset"]),
        float(row["slope_base"]),
        None if at_s is None else float(at_s),
        row["by"],
    )
