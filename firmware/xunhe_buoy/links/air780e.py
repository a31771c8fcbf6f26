"""TCP on an Air780E by AT commands.

M = AirM2M's AT command pages for the Air780E (docs.openluat.com, "Command_List/TCPIP"), read in
2026: CIPMUX, CIPQSEND, CIPRXGET, CSTT, CIICR, CIFSR, CIPSTART, CIPSEND, CIPSHUT. One connection
(CIPMUX=0), quick sending (the modem's word is enough, TCP does the rest), reading when asked for.

To be confirmed on a module: the time until AT answers after power (BOOT_MS), the length of one
CIPSEND, and the wording of the line that tells a lost PDP context ("+PDP" here).
"""

from xunhe_buoy.links import R_MODEM, LinkError
from xunhe_buoy.links.at_port import OK, numbers

BOOT_MS = 10000
NET_MS = 60000
OPEN_MS = 20000
SEND_MS = 8000
SEND_MAX = 1024
READ_MAX = 512
_ADDRESS = tuple(b'"0123456789'[i : i + 1] for i in range(11))  # CIFSR answers without OK


class Air780e:
    boot_ms = BOOT_MS
    send_max = SEND_MAX

    def __init__(self, port):
        self._port = port

    def attach(self, apn):
        """From IP INITIAL to IP STATUS, in manual reading."""
        port = self._port
        self.shut()
        port.ask(b"AT+CIPMUX=0")
        port.ask(b"AT+CIPQSEND=1")
        port.ask(b"AT+CIPRXGET=1")
        port.ask(b'AT+CSTT="%s"' % apn.encode() if apn else b"AT+CSTT")
        port.ask(b"AT+CIICR", timeout_ms=NET_MS)
        port.ask(b"AT+CIFSR", (_ADDRESS,))

    def open(self, host, number):
        command = b'AT+CIPSTART="TCP","%s",%d' % (host.encode(), number)
        fails = (b"CONNECT FAIL", b"CLOSED", b"ALREADY CONNECT", b"STATE:")
        self._port.ask(command, (OK, b"CONNECT OK"), OPEN_MS, fails)

    def send(self, data):
        """How many bytes the modem took."""
        command = b"AT+CIPSEND=%d" % len(data)
        fails = (b"SEND FAIL", b"CLOSED")
        (line,) = self._port.send_data(command, data, (b"DATA ACCEPT:",), SEND_MS, fails)
        count = numbers(line)[0]
        if count <= 0:
            raise LinkError(R_MODEM, "the modem took nothing")
        return min(count, len(data))

    def read(self, size):
        """(data, whether more waits)."""
        size = min(size, READ_MAX)
        command = b"AT+CIPRXGET=2,%d" % size
        line, data = self._port.ask_data(command, b"+CIPRXGET:2,", _data_size, size)
        return data, numbers(line)[-1] > 0

    def is_data(self, line):
        return line == b"+CIPRXGET:1"

    def is_end(self, line):
        return line == b"CLOSED" or line.startswith(b"+PDP")

    def shut(self):
        self._port.ask(b"AT+CIPSHUT", (b"SHUT OK",))


def _data_size(line):
    """M: +CIPRXGET:2,<read>,<left>."""
    fields = numbers(line)
    return fields[1] if len(fields) == 3 else -1
