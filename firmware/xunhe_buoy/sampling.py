"""From probes to channels: power, warm up, start, stabilise, read, calibrate, compute.

Times here run on the device's clock (`board.sleep_s`); only the buses below wait in real time.
"""

from xunhe_buoy import calibration, channels

# A wiper that starts draws up to 290 mA, decaying in 10 to 15 ms (Yosemitech): one after another.
INRUSH_S = 0.02


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


class Sampler:
    """Short intervals keep the probes powered: `powers_down` says whether they are switched.

    `interval_s` may be changed at any time: the next measurement powers up what is off.
    """

    def __init__(self, board, probes, calibrations, settings, say):
        self._board = board
        # Those that want the temperature are read last; sorted() keeps the order of the others.
        self._probes = sorted(probes, key=lambda probe: probe.compensates)
        self._calibrations = calibrations
        self._settings = settings
        self._say = say
        self._is_on = False
        self._failed = {}  # probe → reason: to be started again
        self._warm_up_s = max(p.warm_up_ms for p in probes) / 1000
        self._settle_s = max(p.stabilise_ms + p.measure_ms for p in probes) / 1000
        self.interval_s = settings.sample_interval_s

    @property
    def powers_down(self):
        """Whether the probes are off between two measurements."""
        return self.interval_s >= 2 * self.lead_s

    @property
    def lead_s(self):
        """How long before its slot a reading must begin, from power off."""
        return self._warm_up_s + self._settle_s

    @property
    def idle_lead_s(self):
        """How long before its slot a reading must begin, as the probes are between two."""
        return self.lead_s if self.powers_down else 0

    def power_up(self):
        """Probes on, started and settled."""
        self._board.rail(True)
        self._is_on = True
        self._board.sleep_s(self._warm_up_s)
        for probe in self._probes:
            self._start(probe)
            self._board.sleep_s(INRUSH_S)
        self._board.sleep_s(self._settle_s)

    def power_down(self):
        """Probes off."""
        self._board.rail(False)
        self._is_on = False

    def measure(self):
        """A Measurement; a probe that fails takes only its own channels with it."""
        if not self._is_on:
            self.power_up()
        raw, reasons = self._read_all()
        if self.powers_down:
            self.power_down()
        return self._computed(raw, reasons)

    def _start(self, probe):
        reason = probe.start()
        if reason is None:
            self._failed.pop(probe.name, None)
        else:
            self._failed[probe.name] = reason

    def _read_all(self):
        """({probe: raw values}, {probe: reason})."""
        raw, reasons = {}, {}
        for probe in self._probes:
            if probe.compensates:
                probe.compensate(self._temperature(raw))
            raw[probe.name], reason = self._read(probe)
            if reason is not None:
                reasons[probe.name] = reason
        return raw, reasons

    def _read(self, probe):
        if probe.name in self._failed and not self.powers_down:
            self._start(probe)  # plugged in again: it settles until the next sample
        reason = self._failed.get(probe.name)
        values = {}
        if reason is None:  # what did not hear "start" does not answer either
            values, reason = probe.read()
        if reason is not None:
            self._failed[probe.name] = reason
            self._say("probe %s %s" % (probe.name, reason))
        return values, reason

    def _temperature(self, raw):
        """The water's temperature by the probes that were read, calibrated."""
        readings = {}
        for probe in self._probes:
            kept = [one for one in self._calibrations.each(probe.name) if one.quantity == "temp_c"]
            readings[probe.role], _ = calibration.corrected(raw.get(probe.name, {}), kept, None)
        return channels.temperature(readings)

    def _computed(self, raw, reasons):
        water_temp_c = self._temperature(raw)
        readings, origins = {}, {}
        for probe in self._probes:
            values = raw[probe.name]
            temp_c = values.get("temp_c")
            readings[probe.role], came_from = calibration.corrected(
                values,
                self._calibrations.each(probe.name),
                water_temp_c if temp_c is None else temp_c,
            )
            readings[probe.role].update(probe.constants)
            origins[probe.role] = probe.name, came_from
        settings = self._settings
        conditions = channels.Conditions(settings.salinity_psu, settings.pressure_kpa)
        values, sources = channels.compute(readings, conditions)
        values["battery_v"] = self._board.battery_v()
        return Measurement(
            values,
            _joined(raw),
            _keys(sources, origins),
            reasons,
            [probe.name for probe in self._probes if probe.never_rests],
        )


def _joined(raw):
    return {
        "%s.%s" % (name, quantity): value
        for name, values in raw.items()
        for quantity, value in values.items()
    }


def _keys(sources, origins):
    """{channel: key into raw} of {channel: (role, quantity)}, as far as the role has a probe."""
    keys = {}
    for channel, (role, quantity) in sources.items():
        if role in origins:
            name, came_from = origins[role]
            keys[channel] = "%s.%s" % (name, came_from.get(quantity, quantity))
    return keys
