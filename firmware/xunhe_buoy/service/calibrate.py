"""{"do": "calibrate"}: the calibrations in force; with points, a new one.

Without "save" a new one is only computed: the technician looks at slope and offset first. What a
saved one replaces goes into the history: {"do": "calibrate", "history": true}.
"""

from xunhe_buoy import calibrating, calibration_history
from xunhe_buoy.drivers.probe import PLAUSIBLE
from xunhe_buoy.service.request import RequestError, allow, flag, is_number, part, text

_KEYS = ("probe", "quantity", "points", "by", "save", "factory", "history")
_HISTORY = "calibrations.old"


def run(parts, request):
    allow(request, _KEYS)
    calibrations = part(parts, "calibrations")
    if flag(request, "history"):
        return {"history": calibration_history.replaced(parts.board.path(_HISTORY))}
    if "probe" not in request:
        return {"probes": {name: _each(parts, calibrations, name) for name in _names(parts)}}
    probe = text(request, "probe")
    if probe not in _names(parts):
        raise RequestError("no probe %s; known: %s" % (probe, ", ".join(_names(parts))))
    if flag(request, "factory"):
        _remember(parts, calibrations, probe)
        calibrations.forget(probe)
        return {"probe": probe, "saved": True, "calibrations": []}
    return _new(parts, calibrations, probe, request)


def _new(parts, calibrations, probe, request):
    quantity, by = text(request, "quantity"), text(request, "by")
    if quantity not in PLAUSIBLE:
        raise RequestError("no quantity %s; known: %s" % (quantity, ", ".join(sorted(PLAUSIBLE))))
    made = calibrating.calibration(quantity, _points(request), parts.board.now_s(), by)
    save = flag(request, "save")
    if save:
        _remember(parts, calibrations, probe, quantity)
        calibrations.save(probe, made)
    return {
        "probe": probe,
        "saved": save,
        "calibration": made.to_json(),
        "warnings": calibrating.warnings(made),
    }


def _remember(parts, calibrations, probe, quantity=None):
    """Before it is replaced: a cut between the two writes leaves it in force and remembered."""
    for old in calibrations.each(probe):
        if quantity in (None, old.quantity):
            calibration_history.keep(parts.board.path(_HISTORY), probe, old)


def _names(parts):
    return list(part(parts, "probes"))


def _each(parts, calibrations, name):
    now_s = parts.board.now_s()
    found = []
    for calibration in calibrations.each(name):
        row = calibration.to_json()
        row["age_days"] = calibration.age_days(now_s)
        found.append(row)
    return found


def _points(request):
    """[[reference, raw, °C], …] as tuples."""
    points = request.get("points")
    if not isinstance(points, list) or not all(_is_point(point) for point in points):
        raise RequestError("give points as [[reference, raw, temp_c], …]")
    return [tuple(point) for point in points]


def _is_point(point):
    return isinstance(point, list) and len(point) == 3 and all(is_number(n) for n in point)
