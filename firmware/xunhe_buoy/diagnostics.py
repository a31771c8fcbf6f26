"""The hourly diagnostic reports: raw values, calibrations, counters. Each fits into one message."""


def reports(parts, reading, now_s):
    """Contents of type "diagnostic"; `reading` is the last one or None."""
    found = [_condition(parts, now_s)]
    if reading is not None:
        raw = {name: _short(value) for name, value in reading.measurement.raw.items()}
        found.append({"type": "diagnostic", "time": int(now_s), "raw": raw})
    found.extend(_of_probe(parts, probe, now_s) for probe in parts.probes)
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


def _of_probe(parts, probe, now_s):
    calibrations = [
        {
            "quantity": one.quantity,
            "age_days": _short(one.age_days(now_s)),
            "slope": _short(one.slope),
            "offset": _short(one.offset),
        }
        for one in parts.calibrations.each(probe.name)
    ]
    return {
        "type": "diagnostic",
        "time": int(now_s),
        "probe": probe.name,
        "errors": probe.errors,
        "calibrations": calibrations,
    }


def _short(value):
    return None if value is None else round(value, 4)
