"""A 4G modem on a serial port: power, network, one TCP connection as a stream.

    OFF → BOOTING → SEARCHING → READY        `prepare` goes a step a call
     ↑______RESTING______|________|          a modem that hangs loses its power for OFF_MS

Commands of 3GPP TS 27.007: CFUN (8.2), CPIN (8.3), CREG (7.2), CEREG (10.1.22), CCLK (8.15) and
CTZU (8.40); ATE0 of ITU-T V.250 (6.2.4). What differs from make to make stands in sim7600.py and
air780e.py.
"""

from xunhe_buoy.links import (
    R_COVERAGE,
    R_DENIED,
    R_MODEM,
    R_REFUSED,
    R_SIM,
    R_TIMEOUT,
    LinkError,
)
from xunhe_buoy.links.at_port import OK, AtPort, numbers, shown
from xunhe_buoy.links.modem_stream import ModemStream

OFF_MS = 1500  # without power until the modem's capacitors are empty (to be measured)
SEARCH_MS = 60000
CARD_MS = 10000  # a modem that has just started may still look for its card
HELLO_MS = 300
FAILURES = 3  # connections that fail in a row before the modem is restarted

_OFF, _RESTING, _BOOTING, _SEARCHING, _READY = 0, 1, 2, 3, 4
_REGISTERED = (1, 5)  # TS 27.007 7.2: home network, roaming
_DENIED = 3


class ModemLink:
    """`wanted` is config's: `dialect`, `apn`, `baud`."""

    def __init__(self, board, wanted):
        self._board = board
        self._wanted = wanted
        self._port = self._dialect = self._stream = None
        self._failures = 0
        self._restarts = 0  # since it last answered
        self._steps = (self._switch_on, self._rest, self._greet, self._search, self._check)
        self._go(_OFF)

    # -- the link

    def prepare(self):
        try:
            return self._steps[self._state]()
        except LinkError as error:
            if error.reason == R_TIMEOUT and not self._answers():
                self._restart()
            raise

    def connect(self, host, port):
        try:
            self._dialect.attach(self._wanted.apn)
            self._stream = ModemStream(self._port, self._dialect, self._board)
            self._dialect.open(host, port)
        except LinkError:
            self._count_failure()
            raise
        self._failures = 0
        return self._stream

    def network_time_s(self):
        """As the network told the modem (to be confirmed: China's networks do); None otherwise."""
        try:
            line, _ = self._port.ask(b"AT+CCLK?", (b"+CCLK:", OK))
        except LinkError:
            return None
        from xunhe_buoy.links.network_clock import parse_clock  # once in a battery's life

        return parse_clock(line)

    def off(self):
        if self._state == _READY and not self._port.is_silent:
            self._ask_gently(b"AT+CFUN=0")  # leave the network before the power goes
        self._board.modem_power(False)
        self._go(_OFF)

    # -- steps of preparing

    def _go(self, state):
        self._state = state
        self._since_ms = self._board.ticks_ms()

    def _spent_ms(self):
        return self._board.ticks_diff(self._board.ticks_ms(), self._since_ms)

    def _switch_on(self):
        self._board.modem_power(True)
        try:
            uart = self._board.uart("modem", self._wanted.baud)
        except OSError as error:
            raise LinkError(R_MODEM, "serial port: %s" % error)
        self._port = AtPort(uart, self._board, self._on_line)
        self._dialect = _dialect(self._wanted.dialect)(self._port)
        self._go(_BOOTING)
        return False

    def _rest(self):
        if self._spent_ms() >= OFF_MS:
            self._go(_OFF)
        return False

    def _greet(self):
        if self._answers():
            self._restarts = 0
            self._port.ask(b"ATE0")
            self._ask_gently(b"AT+CFUN=1")  # where a modem remembers that it was put off
            self._ask_gently(b"AT+CTZU=1")  # let the network set the modem's clock
            self._go(_SEARCHING)
        elif self._spent_ms() > self._dialect.boot_ms:
            self._restart()
        return False

    def _search(self):
        if not self._has_card():
            return False
        status = self._registration()
        if status in _REGISTERED:
            self._go(_READY)
            return True
        if status == _DENIED:
            raise LinkError(R_DENIED, "the network refuses this card")
        if self._spent_ms() > SEARCH_MS:
            self.off()
            raise LinkError(R_COVERAGE, "no network in %d s" % (SEARCH_MS // 1000))
        return False

    def _check(self):
        """It was ready before: does it still answer, is there still a network?"""
        if not self._answers():
            self._restart()
            return False
        if self._registration() in _REGISTERED:
            return True
        self._go(_SEARCHING)
        return False

    def _answers(self):
        for _ in range(2):
            try:
                self._port.ask(b"AT", timeout_ms=HELLO_MS)
                return True
            except LinkError as error:
                if error.reason not in (R_TIMEOUT, R_REFUSED):
                    raise
        return False

    def _restart(self):
        self._board.modem_power(False)
        self._go(_RESTING)
        self._failures = 0
        self._restarts += 1
        if self._restarts > 1:
            raise LinkError(R_MODEM, "the modem does not answer, not even after new power")

    def _count_failure(self):
        self._failures += 1
        if self._failures >= FAILURES:
            self._restart()

    def _has_card(self):
        try:
            line, _ = self._port.ask(b"AT+CPIN?", (b"+CPIN:", OK))
        except LinkError as error:
            if error.reason != R_REFUSED:
                raise
            if self._spent_ms() > CARD_MS:
                raise LinkError(R_SIM, "no SIM card: %s" % error)
            return False
        if line != b"+CPIN:READY":
            raise LinkError(R_SIM, "SIM card: %s" % shown(line))
        return True

    def _registration(self):
        """The better of LTE's and 2G's status (TS 27.007 7.2)."""
        best = 0
        for name in (b"CEREG", b"CREG"):
            try:
                line, _ = self._port.ask(b"AT+%s?" % name, (b"+%s:" % name, OK))
                best = max(best, numbers(line)[1], key=_worth)
            except (LinkError, IndexError):
                continue  # a modem without 2G does not know CREG
        return best

    def _ask_gently(self, command):
        try:
            self._port.ask(command)
        except LinkError:
            pass  # a wish

    def _on_line(self, line):
        if self._stream is not None:
            self._stream.hear(line)


def _dialect(name):
    if name == "sim7600":
        from xunhe_buoy.links.sim7600 import Sim7600

        return Sim7600
    from xunhe_buoy.links.air780e import Air780e

    return Air780e


def _worth(status):
    """Registered is best, then refused, then still searching."""
    return 2 if status in _REGISTERED else 1 if status == _DENIED else 0
