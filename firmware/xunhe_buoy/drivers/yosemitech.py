"""Yosemitech probes on RS-485: Y504 (oxygen), Y532 (pH), Y560 (ammonium).

Registers as EnviroDIY/YosemitechModbus reads them. Times as EnviroDIY/ModularSensors measured them
(YosemitechY504.h, Y532.h, Y560.h); all times are to be confirmed on the bench. Floats are
little-endian in words and bytes. A model is a row of MODELS: a probe is configuration, not code.
"""

import math
import struct

from xunhe_buoy.modbus import R_EXCEPTION, ModbusError

START_REGISTER = 0x2500  # FC03 with count 0; missing from the manuals of 2024, still obeyed
R_RUBBISH = "rubbish"  # an answer that no probe in water can mean


class Model:
    """What one model answers. `reads`: (register, number of registers, ((offset, quantity), …))."""

    def __init__(self, role, warm_up_ms, stabilise_ms, measure_ms, started, reads):
        self.role = role  # which channels it serves: see sampling.py
        self.warm_up_ms = warm_up_ms  # power on → answers
        self.stabilise_ms = stabilise_ms  # start → trustworthy
        self.measure_ms = measure_ms  # between two new values
        self.started = started  # needs the start command
        self.reads = reads


MODELS = {
    "Y504": Model(
        "oxygen",
        375,
        8000,
        1700,
        True,
        ((0x2600, 6, ((0, "temp_c"), (2, "do_fraction"), (4, "do_mg_l"))),),
    ),
    # The Y532 manual gives pH at 2600; the published driver found that inaccurate.
    "Y532": Model(
        "ph",
        500,
        4500,
        1800,
        False,
        ((0x2800, 2, ((0, "ph"),)), (0x2400, 2, ((0, "temp_c"),)), (0x1200, 2, ((0, "ph_mv"),))),
    ),
    # The manual says 20 s with 15 s of brushing, and 2 to 10 s to load the brush's capacitors.
    "Y560": Model(
        "ammonium",
        7000,
        18000,
        1500,
        False,
        (
            (0x2800, 2, ((0, "nh4_n_mg_l"),)),
            (0x2400, 2, ((0, "temp_c"),)),
            (0x2600, 4, ((0, "nh4_mv"), (2, "ph"))),
        ),
    ),
}

# Outside these a value is a broken register, not water: wider than any gross range of quality.py.
PLAUSIBLE = {
    "temp_c": (-20.0, 80.0),
    "do_fraction": (-0.1, 5.0),
    "do_mg_l": (-10.0, 60.0),  # older probes answer 0 or below where they give none
    "ph": (-1.0, 15.0),
    "ph_mv": (-2000.0, 2000.0),
    "nh4_n_mg_l": (-1.0, 1000.0),
    "nh4_mv": (-2000.0, 2000.0),
}


# No probe resolves this little: what is nearer to zero, but not zero, are random bits.
FINEST = 1e-6


def parse_floats(data, fields):
    """{quantity: value} of register bytes; a value that cannot be water's is None."""
    values = {}
    for offset, quantity in fields:
        (value,) = struct.unpack("<f", data[2 * offset : 2 * offset + 4])
        values[quantity] = value if _is_plausible(value, PLAUSIBLE[quantity]) else None
    return values


def _is_plausible(value, limits):
    if math.isnan(value) or 0 < abs(value) < FINEST:
        return False
    return limits[0] <= value <= limits[1]


class Probe:
    """One probe on the bus: start, let the caller sleep, read. Failures are counted by reason."""

    def __init__(self, master, model, address):
        self._master = master
        self._model = MODELS[model]
        self._address = address
        self.name = "%s@%d" % (model, address)
        self.role = self._model.role
        self.warm_up_ms = self._model.warm_up_ms
        self.stabilise_ms = self._model.stabilise_ms
        self.measure_ms = self._model.measure_ms
        self.errors = {}

    def start(self):
        """Begin measuring; a reason on failure, else None. Firmware that refuses runs by itself."""
        if not self._model.started:
            return None
        try:
            self._master.read(self._address, START_REGISTER, 0)
        except ModbusError as error:
            return None if error.reason == R_EXCEPTION else self._count(error.reason)
        return None

    def read(self):
        """(values by quantity, reason or None): what could be read; a missing value is None."""
        values, reason = {}, None
        for register, count, fields in self._model.reads:
            try:
                values.update(
                    parse_floats(self._master.read(self._address, register, count), fields)
                )
            except ModbusError as error:
                return values, self._count(error.reason)  # do not wait for the rest of a dead probe
        if None in values.values():
            reason = self._count(R_RUBBISH)
        return values, reason

    def _count(self, reason):
        self.errors[reason] = self.errors.get(reason, 0) + 1
        return reason
