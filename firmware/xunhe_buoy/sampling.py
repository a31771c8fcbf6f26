"""The probes' raw values: power, warm up, start, stabilise, read; computing.py makes channels.

Times here run on the device's clock (`board.sleep_s`); only the buses below wait in real time.
"""

from xunhe_buoy import drivers, visiting

# A wiper that starts draws up to 290 mA, decaying in 10 to 15 ms (Yosemitech): one after another.
INRUSH_S = 0.02


def survey(board, settings):
    """(seconds from power off to a reading, [role], [name]) of the probes that are configured."""
    probes = drivers.build(board, settings)
    lead_s = (_longest_ms(probes, _warm_up_ms) + _longest_ms(probes, _settle_ms)) / 1000
    return lead_s, [probe.role for probe in probes], [probe.name for probe in probes]


def power_up(board, settings, say, power, errors):
    """As Sampler.power_up."""
    _sampler(board, settings, say, power, errors).power_up()


def read(board, settings, say, power, errors):
    """As Sampler.read."""
    return _sampler(board, settings, say, power, errors).read()


def _sampler(board, settings, say, power, errors):
    probes = drivers.build(board, settings)
    for probe in probes:
        probe.errors = errors[probe.name]

    def temperature(found):
        path = board.path("calibrations")
        return visiting.call("computing", "temperature_with", path, say, found)

    return Sampler(board, probes, temperature, say, power)


class Sampler:
    """`temperature`: what the probes read so far say of the water's, °C or None.

    `power`: what it remembers from one visit to the next.

    is_on     the probes have power and are started
    failed    {probe: reason} of those that are to be started again
    """

    def __init__(self, board, probes, temperature, say, power):
        self._board = board
        # Those that want the temperature are read last; sorted() keeps the order of the others.
        self._probes = sorted(probes, key=lambda probe: probe.compensates)
        self._temperature = temperature
        self._say = say
        self._power = power
        self._failed = power["failed"]

    def power_up(self):
        """Probes on, started and settled."""
        self._board.rail(True)
        self._power["is_on"] = True
        self._board.sleep_s(_longest_ms(self._probes, _warm_up_ms) / 1000)
        for probe in self._probes:
            self._start(probe)
            self._board.sleep_s(INRUSH_S)
        self._board.sleep_s(_longest_ms(self._probes, _settle_ms) / 1000)

    def read(self):
        """([(probe, whether it never rests, role, {quantity: value}, constants)], {probe: reason}).

        A probe that failed while the others kept their power is started again.
        """
        is_fresh = not self._power["is_on"]
        if is_fresh:
            self.power_up()
        found, reasons = [], {}
        for probe in self._probes:
            if probe.compensates:
                probe.compensate(self._temperature(found))
            values, reason = self._read(probe, is_fresh)
            found.append((probe.name, probe.never_rests, probe.role, values, probe.constants))
            if reason is not None:
                reasons[probe.name] = reason
        return found, reasons

    def _start(self, probe):
        reason = probe.start()
        if reason is None:
            self._failed.pop(probe.name, None)
        else:
            self._failed[probe.name] = reason

    def _read(self, probe, is_fresh):
        if probe.name in self._failed and not is_fresh:
            self._start(probe)  # plugged in again: it settles until the next sample
        reason = self._failed.get(probe.name)
        values = {}
        if reason is None:  # what did not hear "start" does not answer either
            values, reason = probe.read()
        if reason is not None:
            self._failed[probe.name] = reason
            self._say("probe %s %s" % (probe.name, reason))
        return values, reason


def _longest_ms(probes, needed_ms):
    return max(needed_ms(probe) for probe in probes)


def _warm_up_ms(probe):
    return probe.warm_up_ms


def _settle_ms(probe):
    return probe.stabilise_ms + probe.measure_ms
