"""Whether the water asks for a closer look; what decides: alarm_limits.py."""

from xunhe_buoy import visiting


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
        was = self.cause
        visiting.call("alarm_limits", "judge", self._settings, self._kept, values, flags, time_s)
        return (was is None) != (self.cause is None)
