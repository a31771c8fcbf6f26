"""Whether the water asks for a closer look: thresholds and changes within an hour. Pure.

The gateway judges; the device only decides to measure oftener and to send at once. Values that are
not GOOD take no part: a wiper in the light path is no spill.
"""

from xunhe_buoy.record import GOOD

BUCKET_S = 1800  # a change is seen against the last 30 to 60 minutes

# (parameter, channel, +1: too high, -1: too low, how far it must be back for the alarm to end)
LIMITS = (
    ("alarm_do_low_mg_l", "do_mg_l", -1, 0.3),
    ("alarm_nh3n_high_mg_l", "nh3n_mg_l", 1, 0.1),
    ("alarm_ph_low", "ph", -1, 0.1),
    ("alarm_ph_high", "ph", 1, 0.1),
    ("alarm_temp_high_c", "water_temp_c", 1, 0.5),
)
# (parameter, channel, +1: a rise, -1: a fall)
CHANGES = (
    ("alarm_do_fall_mg_l", "do_mg_l", -1),
    ("alarm_nh3n_rise_mg_l", "nh3n_mg_l", 1),
)


def judge(settings, kept, values, flags, time_s):
    """Bring `kept` up to date with a reading.

    cause    the parameter that raised the alarm which holds, or None
    calm     readings since that broke none
    seen     {parameter: (half hour, least value in it, in the one before)}, signs applied
    """
    good = {name: value for name, value in values.items() if flags.get(name) == GOOD}
    broken = _broken_limit(settings, kept, good) or _broken_change(settings, kept, good, time_s)
    if broken is not None:
        kept["cause"], kept["calm"] = broken, 0
    elif kept["cause"] is not None:
        kept["calm"] += 1
        if kept["calm"] >= settings.alarm_hold:
            kept["cause"] = None


def _broken_limit(settings, kept, good):
    for name, channel, sign, ease in LIMITS:
        limit, value = getattr(settings, name), good.get(channel)
        if limit is None or value is None:
            continue
        if sign * value > sign * limit - (ease if name == kept["cause"] else 0):
            return name
    return None


def _broken_change(settings, kept, good, time_s):
    broken = None
    for name, channel, sign in CHANGES:
        change, value = getattr(settings, name), good.get(channel)
        if change is None or value is None:
            continue
        if sign * value - _least(kept["seen"], name, sign * value, time_s) > change:
            broken = broken or name
    return broken


def _least(seen, name, value, time_s):
    """The least of the values (sign applied) in this half hour and the one before."""
    bucket = int(time_s // BUCKET_S)
    at, now, before = seen.get(name, (bucket, value, value))
    if bucket != at:
        before = now if bucket == at + 1 else value
        now = value
    now = min(now, value)
    seen[name] = (bucket, round(now, 3), round(before, 3))
    return min(now, before)
