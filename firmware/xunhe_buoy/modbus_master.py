"""Modbus RTU master on one UART: silence, time-outs, retries. Times are wall milliseconds.

Probes of several baud rates may share the line: `open_uart(baud)` opens the port again where the
rate changes. It returns machine.UART or anything with its `write(data)`, `any()` and `read()`;
`clock` offers `ticks_ms`, `ticks_diff` and `sleep_ms`.
"""

from xunhe_buoy import modbus

REPLY_MS = 200  # to be confirmed on the bench; USB adapters add up to 16 ms a direction
RETRIES = 2
_LATE = 3  # reply times after which an answer is no longer expected
_MAX_NOISE = 512  # bytes kept of one reply; a babbling bus must not eat the heap


class Master:
    """The one talker on the line. `retried` counts requests that were sent again."""

    def __init__(self, open_uart, clock, retries=RETRIES):
        self._open_uart = open_uart
        self._clock = clock
        self._retries = retries
        self._uart = None
        self._baud = None
        self._owed = None  # the request whose reply may still come, late
        self._active_ms = clock.ticks_ms()  # when the line was last known to be busy
        self._echoes = False  # the transceiver hears itself: learnt from replies to reads
        self.retried = 0

    def transact(self, request, baud, reply_ms):
        """What parse_reply finds in the reply; ModbusError when the last retry failed too.

        An exception reply is an answer: it is not asked again, unless it says "busy".
        """
        for attempt in range(self._retries + 1):
            try:
                return self._once(request, baud, reply_ms)
            except modbus.ModbusError as error:
                if _is_final(error) or attempt == self._retries:
                    raise
                if error.code == modbus.BUSY:
                    self._clock.sleep_ms(reply_ms)  # it asked for time
            self.retried += 1

    def _once(self, request, baud, reply_ms):
        try:
            self._set_baud(baud)
            self._wait_for_silence(request, reply_ms)
            self._uart.write(request)
            buf = self._collect(request, reply_ms)
        except OSError as error:
            raise modbus.ModbusError(modbus.R_BUS, "serial port: %s" % error)
        try:
            return modbus.parse_reply(buf, request)
        except modbus.ModbusError as error:
            if error.reason != modbus.R_EXCEPTION:
                self._owed = request
            raise

    def _set_baud(self, baud):
        if baud != self._baud:
            self._baud = None  # unknown, should opening fail
            self._uart = self._open_uart(baud)
            self._baud = baud

    def _wait_for_silence(self, request, reply_ms):
        """Throw away late replies and noise until the bus has been still for long enough.

        A frame ends with 3.5 characters of silence. Replies carry no number: one that is still
        owed to *another* request could be taken for the reply to this one, so it must be let
        pass. To the same request a late reply is as good as any.
        """
        quiet_ms = silence_ms(self._baud)
        if self._owed not in (None, request):
            quiet_ms = _LATE * reply_ms
            self._owed = None
        start, limit_ms = self._clock.ticks_ms(), 2 * quiet_ms + reply_ms
        while self._since(start) < limit_ms:
            if self._uart.any():
                self._hear()
            elif self._since(self._active_ms) >= quiet_ms:
                return
            else:
                self._clock.sleep_ms(1)

    def _collect(self, request, reply_ms):
        """What arrives, without our echo, until it holds a reply or until the time is up."""
        buf = bytearray()
        start = self._active_ms = self._clock.ticks_ms()
        while self._since(start) < reply_ms and len(buf) < _MAX_NOISE:
            if self._uart.any():
                buf.extend(self._hear())
                if _has_answer(self._without_echo(buf, request), request):
                    break
            else:
                self._clock.sleep_ms(1)
        return self._without_echo(buf, request)

    def _hear(self):
        self._active_ms = self._clock.ticks_ms()
        return self._uart.read() or b""

    def _without_echo(self, buf, request):
        """The reply to FC06 equals its request: only a bus known to echo tells them apart."""
        size = len(request)
        if buf[:size] != request:
            return buf
        if request[1] != modbus.WRITE_ONE and len(buf) > size:
            self._echoes = True
        return buf[size:] if self._echoes else buf

    def _since(self, start):
        return self._clock.ticks_diff(self._clock.ticks_ms(), start)


class Slave:
    """One address on the line with its own baud rate and patience."""

    def __init__(self, master, address, baud=9600, reply_ms=REPLY_MS):
        self._master = master
        self._baud = baud
        self._reply_ms = reply_ms
        self.address = address

    def read(self, register, count, function=modbus.READ_HOLDING):
        """Register bytes, two a register."""
        return self._send(modbus.read_request(self.address, register, count, function))

    def write_one(self, register, value):
        """One 16-bit value by FC06."""
        self._send(modbus.write_one_request(self.address, register, value))

    def write(self, register, data):
        """Register bytes, two a register, by FC16."""
        self._send(modbus.write_request(self.address, register, data))

    def _send(self, request):
        return self._master.transact(request, self._baud, self._reply_ms)


def silence_ms(baud):
    """3.5 characters of 11 bits, rounded up (V1.02 section 2.5.1.1); above 19200 baud 1.75 ms."""
    return 2 if baud > 19200 else (38500 + baud - 1) // baud


def _is_final(error):
    return error.reason == modbus.R_EXCEPTION and error.code != modbus.BUSY


def _has_answer(buf, request):
    try:
        modbus.parse_reply(buf, request)
    except modbus.ModbusError as error:
        return error.reason == modbus.R_EXCEPTION
    return True
