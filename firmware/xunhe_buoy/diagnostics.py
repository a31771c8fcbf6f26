"""The hourly diagnostic reports: raw values, calibrations, counters. Each fits into one message."""


def reports(parts, reading, now_s):
    """Contents of type "diagnostic"; `reading` is the last one or None."""
    found = [_condition(parts, now_s)]
    if reading is not None:
        raw = {name: _short(value) for name, value in reading.measurement.raw.items()}
        found.append({"type": "diagnostic", "time": int(now_s), "raw": raw})
    calibrations = parts.calibrations
    for name, errors in parts.probes.items():
        found.append(_of_probe(name, errors, calibrations.each(name), now_s))
    return found


def _condition(parts, now_s):
    return {
        "type": "diagnostic",
        "time": int(now_s),
        "mode": parts.modes.mode,
        "counters": parts.counters.to_json(),
        "uplink": parts.uplink.counters,
        "heap_free": parts.counters.heap_free,
        "erases": parts.ring.erases,
        "battery_v": round(parts.board.battery_v(), 3),
        "solar_v": round(parts.board.solar_v(), 3),
    }


def _of_probe(name, errors, calibrations, now_s):
    rows = [
        {
            "quantity": one.quantity,
            "age_days": _short(one.age_days(now_s)),
            "slope": _short(one.slope),
            "offset": _short(one.offset),
        }
        for one in calibrations
    ]
    return {
        "type": "diagnostic",
        "time": int(now_s),
        "probe": name,
        "errors": errors,
        "calibrations": rows,
    }


def _short(value):
    return None if value is None else round(value, 4)
