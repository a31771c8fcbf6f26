"""The probes as the rest of the buoy knows them: how long they take, how they fail, what they gave.

A measurement comes into RAM in three visits, one after another: probes are read (sampling.py),
channels computed (computing.py), flags found (inspection.py). Between the visits, as between two
measurements, there are values only.
"""

from xunhe_buoy import visiting


class Measurement:
    """One measurement: raw values stay as the probes gave them, computed ones stand beside.

    values    {channel: value or None}
    raw       {"<probe>.<quantity>": value}
    sources   {channel: key into raw of what it was computed from}
    reasons   {probe: why it gave nothing, or not all}
    restless  names of the probes whose last digits always move
    """

    def __init__(self, values, raw, sources, reasons, restless):
        self.values = values
        self.raw = raw
        self.sources = sources
        self.reasons = reasons
        self.restless = restless


class Instruments:
    """Short intervals keep the probes powered: `powers_down` says whether they are switched.

    `interval_s` may be changed at any time: the next measurement powers up what is off.
    `memory`: what the inspection must remember, also over a deep sleep, as JSON text. `errors`:
    {probe: {reason: how often}}.
    """

    def __init__(self, board, settings, say, memory=None):
        self._board = board
        self._settings = settings
        self._say = say
        self._power = {"is_on": False, "failed": {}}
        self.memory = memory
        self.lead_s, self.roles, names = visiting.call("sampling", "survey", board, settings)
        self.errors = {name: {} for name in names}
        self.interval_s = settings.sample_interval_s

    @property
    def powers_down(self):
        """Whether the probes are off between two measurements."""
        return self.interval_s >= 2 * self.lead_s

    @property
    def idle_lead_s(self):
        """How long before its slot a reading must begin, as the probes are between two."""
        return self.lead_s if self.powers_down else 0

    def power_up(self):
        """Probes on, started and settled."""
        self._visit("power_up")

    def power_down(self):
        """Probes off."""
        self._board.rail(False)
        self._power["is_on"] = False

    def measure(self):
        """A Measurement; a probe that fails takes only its own channels with it."""
        found, reasons = self._visit("read")
        if self.powers_down:
            self.power_down()
        path = self._board.path("calibrations")
        values, raw, sources = visiting.call(
            "computing", "compute_with", path, self._say, found, self._settings
        )
        values["battery_v"] = self._board.battery_v()
        restless = [name for name, never_rests, *_ in found if never_rests]
        return Measurement(values, raw, sources, reasons, restless)

    def flags(self, measurement, time_s):
        """{channel: QARTOD flag}; `time_s` seconds on any clock that does not jump."""
        flags, self.memory = visiting.call("inspection", "flags", self.memory, measurement, time_s)
        return flags

    def _visit(self, function):
        board, settings, say = self._board, self._settings, self._say
        return visiting.call("sampling", function, board, settings, say, self._power, self.errors)
