"""Yosemitech probes on RS-485: Y504 (oxygen), Y532 (pH), Y560 (ammonium).

Registers as EnviroDIY/YosemitechModbus reads them. Times as EnviroDIY/ModularSensors measured them
(YosemitechY504.h, Y532.h, Y560.h); all times are to be confirmed on the bench. 9600 baud, FC03 and
FC16 only, floats little-endian in words and bytes; no answer for registers outside the list.
A wiper that starts draws up to 290 mA for 10 to 15 ms: see sampling.INRUSH_S.
"""

import struct

from xunhe_buoy.drivers.probe import Times
from xunhe_buoy.drivers.registers import Model, RegisterProbe
from xunhe_buoy.modbus import R_EXCEPTION, ModbusError

START_REGISTER = 0x2500  # FC03 with count 0; missing from the manuals of 2024, still obeyed


def _float(offset, quantity):
    return offset, "<f", quantity, 1


MODELS = {
    "Y504": Model(
        "oxygen",
        Times(375, 8000, 1700),
        ((0x2600, 6, (_float(0, "temp_c"), _float(2, "do_fraction"), _float(4, "do_mg_l"))),),
        started=True,
    ),
    # The Y532 manual gives pH at 2600; the published driver found that inaccurate.
    "Y532": Model(
        "ph",
        Times(500, 4500, 1800),
        (
            (0x2800, 2, (_float(0, "ph"),)),
            (0x2400, 2, (_float(0, "temp_c"),)),
            (0x1200, 2, (_float(0, "ph_mv"),)),
        ),
    ),
    # The manual says 20 s with 15 s of brushing, and 2 to 10 s to load the brush's capacitors.
    "Y560": Model(
        "ammonium",
        Times(7000, 18000, 1500),
        (
            (0x2800, 2, (_float(0, "nh4_n_mg_l"),)),
            (0x2400, 2, (_float(0, "temp_c"),)),
            (0x2600, 4, (_float(0, "nh4_mv"), _float(2, "ph"))),
        ),
    ),
}

# (register, number of floats) of the probe's own calibration: K, B; for pH K1 to K6.
CONSTANTS = {"Y504": (0x1100, 2), "Y532": (0x2900, 6), "Y560": (0x1100, 2)}


class Probe(RegisterProbe):
    """A Yosemitech probe: start, let the caller sleep, read."""

    def __init__(self, entry, slave):
        super().__init__(entry, MODELS[entry["model"]], slave)
        self._constants = CONSTANTS[entry["model"]]

    def start(self):
        """Begin measuring. Firmware of a probe that refuses the command runs by itself."""
        if not self._model.started:
            return None
        try:
            self._slave.read(START_REGISTER, 0)
        except ModbusError as error:
            return None if error.reason == R_EXCEPTION else self.count(error.reason)
        return None

    def read_constants(self):
        """The calibration kept in the probe: (K, B), or (K1 … K6) for pH; ModbusError."""
        register, floats = self._constants
        return struct.unpack("<%df" % floats, self._slave.read(register, 2 * floats))

    def write_constants(self, constants):
        """Replace the probe's own calibration, whole, by FC16; ModbusError."""
        register, floats = self._constants
        if len(constants) != floats:
            raise ValueError("%s takes %d constants" % (self.name, floats))
        self._slave.write(register, struct.pack("<%df" % floats, *constants))


def build(entry, buses, settings):
    return Probe(entry, buses.slave(entry, MODELS[entry["model"]]))
