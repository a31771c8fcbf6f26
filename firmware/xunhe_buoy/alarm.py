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


class Alarm:
    """`settings` holds the parameters, None where one is off; `kept` what `to_json` gave."""

    def __init__(self, settings, kept=None):
        self._settings = settings
        self._kept = kept or {"cause": None, "calm": 0, "seen": {}}

    @property
    def cause(self):
        """The parameter that raised the alarm which holds, or None."""
        return self._kept["cause"]

    def to_json(self):
        return self._kept

    def take(self, values, flags, time_s):
        """True where the alarm began or ended with this reading: {channel: value}, {channel: flag}.

        `time_s`: seconds on a clock that does not jump.
        """
        good = {name: value for name, value in values.items() if flags.get(name) == GOOD}
        was = self.cause
        broken = self._broken_limit(good) or self._broken_change(good, time_s)
        if broken is not None:
            self._kept["cause"], self._kept["calm"] = broken, 0
        elif was is not None:
            self._kept["calm"] += 1
            if self._kept["calm"] >= self._settings.alarm_hold:
                self._kept["cause"] = None
        return (was is None) != (self.cause is None)

    def _broken_limit(self, good):
        for name, channel, sign, ease in LIMITS:
            limit, value = getattr(self._settings, name), good.get(channel)
            if limit is None or value is None:
                continue
            if sign * value > sign * limit - (ease if name == self.cause else 0):
                return name
        return None

    def _broken_change(self, good, time_s):
        broken = None
        for name, channel, sign in CHANGES:
            change, value = getattr(self._settings, name), good.get(channel)
            if change is None or value is None:
                continue
            if sign * value - self._least(name, sign * value, time_s) > change:
                broken = broken or name
        return broken

    def _least(self, name, value, time_s):
        """The least of the values (sign applied) in this half hour and the one before."""
        bucket = int(time_s // BUCKET_S)
        at, now, before = self._kept["seen"].get(name, (bucket, value, value))
        if bucket != at:
            before = now if bucket == at + 1 else value
            now = value
        now = min(now, value)
        self._kept["seen"][name] = (bucket, round(now, 3), round(before, 3))
        return min(now, before)
