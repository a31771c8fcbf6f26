"""Modbus RTU master on one UART: silence, time-outs, retries. Times are wall milliseconds.

The UART is machine.UART or anything with its `write(data)`, `any()` and `read()`; `clock` offers
`ticks_ms`, `ticks_diff` and `sleep_ms`.
"""

from xunhe_buoy import modbus

REPLY_MS = 200  # to be confirmed on the bench; USB adapters add up to 16 ms a direction
RETRIES = 2
_MAX_NOISE = 512  # bytes kept of one reply; a babbling bus must not eat the heap


class Master:
    """`baud` sets the silence of 3.5 characters that ends a frame (V1.02 section 2.5.1.1)."""

    def __init__(self, uart, clock, baud=9600, reply_ms=REPLY_MS, retries=RETRIES):
        self._uart = uart
        self._clock = clock
        self._silence_ms = silence_ms(baud)
        self._reply_ms = reply_ms
        self._retries = retries
        self.retried = 0

    def read(self, address, register, count):
        """Register bytes, two a register; ModbusError when the last retry failed too.

        An exception reply is an answer: it is not asked again.
        """
        request = modbus.read_request(address, register, count)
        for attempt in range(self._retries + 1):
            try:
                return modbus.parse_reply(self._transact(request), request)
            except modbus.ModbusError as error:
                if error.reason == modbus.R_EXCEPTION or attempt == self._retries:
                    raise
            self.retried += 1

    def _transact(self, request):
        try:
            self._wait_for_silence()
            self._uart.write(request)
            return self._collect(request)
        except OSError as error:
            raise modbus.ModbusError(modbus.R_BUS, "serial port: %s" % error)

    def _wait_for_silence(self):
        """Throw away late replies and noise until the bus is still, for a reply time at most."""
        start = quiet = self._clock.ticks_ms()
        while self._since(quiet) < self._silence_ms and self._since(start) < self._reply_ms:
            if self._uart.any():
                self._uart.read()
                quiet = self._clock.ticks_ms()
            else:
                self._clock.sleep_ms(1)

    def _collect(self, request):
        """What arrives until it holds a reply, or until the time is up."""
        buf = bytearray()
        start = self._clock.ticks_ms()
        while self._since(start) < self._reply_ms and len(buf) < _MAX_NOISE:
            if self._uart.any():
                buf.extend(self._uart.read() or b"")
                if _has_answer(buf, request):
                    break
            else:
                self._clock.sleep_ms(1)
        return buf

    def _since(self, start):
        return self._clock.ticks_diff(self._clock.ticks_ms(), start)


def silence_ms(baud):
    """3.5 characters of 11 bits, rounded up; above 19200 baud the standard fixes 1.75 ms."""
    return 2 if baud > 19200 else (38500 + baud - 1) // baud


def _has_answer(buf, request):
    try:
        modbus.parse_reply(buf, request)
    except modbus.ModbusError as error:
        return error.reason == modbus.R_EXCEPTION
    return True
