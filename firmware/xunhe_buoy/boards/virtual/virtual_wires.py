"""I2C and 1-Wire of the virtual board, carried over PTYs to simulated chips.

    I2C      b"W" address n data → b"A" | b"N"      b"R" address n → b"A" data | b"N"
    1-Wire   b"Z" reset → b"A" | b"N"    b"P" byte → b"A"    b"G" → b"A" byte

A is the chip's acknowledgement, N that none is there; addresses, n and bytes are one byte each.
"""

import errno

from virtual_uart import Uart

_BAUD = 38400  # of the PTY; the simulated wires do not care
_ANSWER_MS = 1000  # a simulated chip on a busy machine


class I2C:
    """machine.I2C's `writeto` and `readfrom_into`: OSError(ENODEV) where nothing acknowledges."""

    def __init__(self, path):
        self._uart = Uart(path, _BAUD)

    def writeto(self, address, data):
        _ask(self._uart, b"W" + bytes((address, len(data))) + bytes(data))

    def readfrom_into(self, address, buf):
        _ask(self._uart, b"R" + bytes((address, len(buf))))
        buf[:] = self._uart.read_exactly(len(buf), _ANSWER_MS)


class OneWire:
    """onewire.OneWire's `reset`, `writebyte` and `readbyte`."""

    def __init__(self, path):
        self._uart = Uart(path, _BAUD)

    def reset(self):
        """True where a chip answered with its presence."""
        try:
            _ask(self._uart, b"Z")
        except OSError as error:
            if error.errno != errno.ENODEV:
                raise
            return False
        return True

    def writebyte(self, value):
        _ask(self._uart, b"P" + bytes((value,)))

    def readbyte(self):
        _ask(self._uart, b"G")
        return self._uart.read_exactly(1, _ANSWER_MS)[0]


def _ask(uart, request):
    uart.write(request)
    if uart.read_exactly(1, _ANSWER_MS) != b"A":
        raise OSError(errno.ENODEV)
