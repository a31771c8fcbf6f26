"""A board whose time is virtual: lives for days in a minute, see live.py.

Waiting costs nothing: the clock goes on by as much as was asked for. The probes answer in this
process, the network is a real socket that is given a moment to answer. Never sleeps deeply, so that
one heap carries all the days; it is looked at after every reading.
"""

import errno
import gc
import json
import select
import socket
import struct
import sys

CODE = sys.argv[2]
sys.path.insert(0, CODE + "/xunhe_buoy/boards/virtual")
sys.path.insert(0, CODE)

from virtual_flash import Partition  # noqa: E402

NAME = "soak"
FACTOR = 200  # river seconds in a second of the wires
MOMENT_MS = 3  # of the real clock, for an answer to arrive
SYNCED = 2
BEGIN_S = 1760000000
DAYS = int(sys.argv[3])
wake_cost_s = 1e9  # dearer than any wait: no deep sleep

with open(sys.argv[1]) as _file:
    _config = json.load(_file)
_folder = sys.argv[1].rpartition("/")[0] + "/"
boot_file = _folder + "boot"
_wall_ms = 0
_day = 0
_used = []


def config():
    return _config


def path(name):
    return _folder + name


def ticks_ms():
    return int(_wall_ms)


def ticks_diff(later, earlier):
    return later - earlier


def sleep_ms(ms):
    global _wall_ms  # noqa: PLW0603 (one clock)
    _wall_ms += ms


def sleep_s(seconds):
    sleep_ms(1000 * seconds / FACTOR)


light_sleep_s = sleep_s


def ms_of(seconds):
    return int(seconds * 1000 / FACTOR) + 1


def uptime_s():
    return _wall_ms * FACTOR / 1000


def now_s():
    return BEGIN_S + uptime_s()


def time_quality():
    return SYNCED


def set_clock(unix_s, quality):
    """Nobody knows better here."""


def jitter():
    return 0.5


def rail(on):
    """The probes answer at any time."""


modem_power = rail


def battery_v():
    return 3.3


def solar_v():
    return 5.0


def lid_open():
    return False


def console_line():
    return None


def rtc_memory(data=None):
    return b""


def reset_reason():
    return "power"


def reset():
    sys.exit(1)  # a crash: its traceback was said


class _Watchdog:
    def feed(self):
        """Nothing bites."""


def watchdog(timeout_ms):
    return _Watchdog()


def partition():
    return Partition(_folder + "flash", 512)


def heap():
    """What is in use after a reading, by days; ends the life when all of them are over."""
    global _day, _used
    _used.append(gc.mem_alloc())
    day = int(uptime_s() // 86400)
    if day > _day:
        print("day", day, min(_used), max(_used))
        _day, _used = day, []
    if day >= DAYS:
        sys.exit(0)
    return 0, 0


class _Uart:
    """Three Yosemitech probes: every register holds a float that moves a little."""

    def __init__(self):
        self._reply = b""

    def any(self):
        return len(self._reply)

    def read(self):
        reply, self._reply = self._reply, b""
        return reply

    def write(self, data):
        count = data[5]
        values = struct.pack("<f", 7.5 + _wall_ms % 997 / 9970) * (count // 2)
        reply = bytes((data[0], data[1], 2 * count)) + values
        self._reply = reply + _crc(reply)


def _crc(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


def uart(name, baud):
    return _Uart()


def wifi_connect(ssid, password, timeout_ms):
    """The network is there."""


class _Stream:
    """A socket whose waiting passes on the virtual clock."""

    def __init__(self, host, port):
        self._socket = socket.socket()
        self._socket.connect(socket.getaddrinfo(host, port)[0][-1])
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._timeout_ms = 0
        self.send, self.close = self._socket.send, self._socket.close

    def settimeout(self, seconds):
        self._timeout_ms = 1000 * seconds

    def recv(self, size):
        if not self._poll.poll(MOMENT_MS):
            sleep_ms(self._timeout_ms)
            raise OSError(errno.ETIMEDOUT)
        return self._socket.recv(size)


def network_connect(host, port, timeout_ms):
    return _Stream(host, port)
