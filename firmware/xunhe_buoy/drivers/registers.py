"""Probes that are a table of Modbus registers: byte order, baud rate and scale stand in the table.

A field is (register offset, format, quantity, divisor): `format` is struct's with its byte order,
"<f" float with little-endian words and bytes, ">f" big-endian float, ">H" and ">h" integers.
"""

import struct

from xunhe_buoy.drivers.probe import Probe, plausible
from xunhe_buoy.modbus import READ_HOLDING, ModbusError
from xunhe_buoy.modbus_master import REPLY_MS


class Model:
    """What one model answers. `reads`: (register, number of registers, fields)."""

    def __init__(
        self, role, times, reads, baud=9600, function=READ_HOLDING, reply_ms=REPLY_MS, started=False
    ):
        self.role = role
        self.times = times
        self.reads = reads
        self.baud = baud
        self.function = function
        self.reply_ms = reply_ms
        self.started = started  # needs a start command


def parse_fields(data, fields):
    """{quantity: value} of register bytes; a value that cannot be water's is None."""
    values = {}
    for offset, form, quantity, divisor in fields:
        (value,) = struct.unpack(form, data[2 * offset : 2 * offset + struct.calcsize(form)])
        values[quantity] = plausible(quantity, value / divisor)
    return values


class RegisterProbe(Probe):
    """One probe on the bus. What could be read counts: a missing value is None."""

    def __init__(self, entry, model, slave):
        super().__init__(entry, model.role, model.times)
        self._model = model
        self._slave = slave
        self.never_rests = all(field[1][1] == "f" for read in model.reads for field in read[2])

    def read(self):
        """(values by quantity, reason or None)."""
        values = {}
        for register, count, fields in self._model.reads:
            try:
                data = self._slave.read(register, count, self._model.function)
            except ModbusError as error:
                return values, self.count(error.reason)  # do not wait for the rest of a dead probe
            values.update(parse_fields(data, fields))
        return self.judged(values)
