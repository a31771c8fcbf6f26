"""TCP on a SIM7600 by AT commands.

M = "SIM7500_SIM7600 Series AT Command Manual" V2.00 (2020-08-06), chapter "TCPIP Commands"; the
same commands stand in "SIM7500_SIM7600_SIM7800 Series TCPIP AT Command Manual" V1.00. Connection 0
is used, data are read when asked for (CIPRXGET=1).

To be confirmed on a module: the time until AT answers after power (BOOT_MS), the length of one
CIPSEND, and that an error of CIPOPEN always comes as "+CIPOPEN: 0,<err>".
"""

from xunhe_buoy.links import R_CLOSED, R_NETWORK, LinkError
from xunhe_buoy.links.at_port import OK, numbers

BOOT_MS = 25000
NET_MS = 30000
OPEN_MS = 20000
SEND_MS = 8000
SEND_MAX = 1024  # M: AT+CIPSEND takes 1 to 1500
READ_MAX = 512  # M: AT+CIPRXGET reads 1 to 1500; a buffer of the buoy


class Sim7600:
    boot_ms = BOOT_MS
    send_max = SEND_MAX

    def __init__(self, port):
        self._port = port

    def attach(self, apn):
        """Bring the network service up, in manual reading."""
        port = self._port
        if apn:
            port.ask(b'AT+CGDCONT=1,"IP","%s"' % apn.encode())
        port.ask(b"AT+CIPMODE=0")
        port.ask(b"AT+CIPSENDMODE=0")
        port.ask(b"AT+CIPRXGET=1")
        state, _ = port.ask(b"AT+NETOPEN?", (b"+NETOPEN:", OK))
        if numbers(state)[0] == 1:
            self._shut_socket()
            return
        lines = port.ask(b"AT+NETOPEN", (OK, b"+NETOPEN:"), NET_MS)
        _check(lines, b"+NETOPEN:", 0)

    def open(self, host, number):
        command = b'AT+CIPOPEN=0,"TCP","%s",%d' % (host.encode(), number)
        lines = self._port.ask(command, (OK, b"+CIPOPEN:0,"), OPEN_MS)
        _check(lines, b"+CIPOPEN:", 1)

    def send(self, data):
        """How many bytes the modem took."""
        command = b"AT+CIPSEND=0,%d" % len(data)
        until = (OK, b"+CIPSEND:0,")
        lines = self._port.send_data(command, data, until, SEND_MS, (b"+CIPERROR:",))
        count = numbers(_of(lines, b"+CIPSEND:"))[-1]
        if count <= 0:
            raise LinkError(R_CLOSED, "the modem sent nothing")
        return min(count, len(data))

    def read(self, size):
        """(data, whether more waits)."""
        size = min(size, READ_MAX)
        command = b"AT+CIPRXGET=2,0,%d" % size
        line, data = self._port.ask_data(command, b"+CIPRXGET:2,0,", _data_size, size)
        return data, numbers(line)[-1] > 0

    def is_data(self, line):
        return line == b"+CIPRXGET:1,0"

    def is_end(self, line):
        return line.startswith(b"+IPCLOSE:0") or line.startswith(b"+CIPEVENT:")

    def shut(self):
        self._shut_socket()
        self._port.ask(b"AT+NETCLOSE", (OK, b"+NETCLOSE:"))

    def _shut_socket(self):
        try:
            self._port.ask(b"AT+CIPCLOSE=0", (OK, b"+CIPCLOSE:0,"))
        except LinkError:
            pass  # M: an error where it is closed, which is what was asked for


def _data_size(line):
    """M: +CIPRXGET: 2,<link>,<read>,<left>."""
    fields = numbers(line)
    return fields[2] if len(fields) == 4 else -1


def _of(lines, start):
    return next(line for line in lines if line.startswith(start))


def _check(lines, start, at):
    error = numbers(_of(lines, start))[at:]
    if error != [0]:
        raise LinkError(R_NETWORK, "%s %s" % (str(start, "utf-8"), error))
