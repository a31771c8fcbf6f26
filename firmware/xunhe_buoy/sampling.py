"""From probes to the values of record.RIVER: power, warm up, start, stabilise, read, compute.

Times here run on the device's clock (`board.sleep_s`); only the bus below waits in real time.
"""

from xunhe_buoy import chemistry


class Sampler:
    """Short intervals keep the probes powered: `powers_down` says whether they are switched."""

    def __init__(self, board, probes, settings, say):
        self._board = board
        self._probes = probes
        self._salinity_psu = settings.salinity_psu
        self._pressure_kpa = settings.pressure_kpa
        self._say = say
        self._failed = {}  # probes to start again, keys only
        self._warm_up_s = max(p.warm_up_ms for p in probes) / 1000
        self._settle_s = max(p.stabilise_ms + p.measure_ms for p in probes) / 1000
        self.powers_down = settings.sample_interval_s >= 2 * self.lead_s

    @property
    def lead_s(self):
        """How long before its slot a reading must begin, from power off."""
        return self._warm_up_s + self._settle_s

    def power_up(self):
        """Probes on, started and settled."""
        self._board.rail(True)
        self._board.sleep_s(self._warm_up_s)
        for probe in self._probes:
            self._start(probe)
        self._board.sleep_s(self._settle_s)

    def measure(self):
        """{channel: value or None}; a probe that fails takes only its own channels with it."""
        if self.powers_down:
            self.power_up()
        readings = {probe.role: self._read(probe) for probe in self._probes}
        if self.powers_down:
            self._board.rail(False)
        values = river_values(readings, self._salinity_psu, self._pressure_kpa)
        values["battery_v"] = self._board.battery_v()
        return values

    def _start(self, probe):
        reason = probe.start()
        if reason is None:
            self._failed.pop(probe.name, None)
        else:
            self._failed[probe.name] = reason

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
        return values


def river_values(readings, salinity_psu=0.0, pressure_kpa=chemistry.ATM_KPA):
    """Channel values of what the probes said: {"oxygen" | "ph" | "ammonium": {quantity: value}}."""
    oxygen = readings.get("oxygen", {})
    ph = readings.get("ph", {})
    ammonium = readings.get("ammonium", {})
    temp_c = _first(ph.get("temp_c"), oxygen.get("temp_c"), ammonium.get("temp_c"))
    return {
        "water_temp_c": temp_c,
        "ph": ph.get("ph"),
        "do_mg_l": _do_mg_l(oxygen, temp_c, salinity_psu, pressure_kpa),
        # The ammonium probe has a pH electrode of its own: good enough to correct by.
        "nh3n_mg_l": _nh3n_mg_l(ammonium, _first(ph.get("ph"), ammonium.get("ph")), temp_c),
    }


def _do_mg_l(oxygen, temp_c, salinity_psu, pressure_kpa):
    """The probe's own mg/L, or computed where it gives none (0 or below, older probes)."""
    do_mg_l, fraction = oxygen.get("do_mg_l"), oxygen.get("do_fraction")
    if do_mg_l is not None and do_mg_l > 0:
        return do_mg_l
    temp_c = _first(oxygen.get("temp_c"), temp_c)  # at the membrane, if known
    if fraction is None or temp_c is None:
        return None
    return chemistry.do_mg_l_from_fraction(max(0.0, fraction), temp_c, salinity_psu, pressure_kpa)


def _nh3n_mg_l(ammonium, ph, temp_c):
    nh4_n_mg_l = ammonium.get("nh4_n_mg_l")
    if nh4_n_mg_l is None or ph is None or temp_c is None:
        return None
    return chemistry.total_ammonia_mg_l(max(0.0, nh4_n_mg_l), ph, temp_c)


def _first(*values):
    for value in values:
        if value is not None:
            return value
    return None
