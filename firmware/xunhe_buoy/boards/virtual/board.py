"""The virtual board: a buoy's hardware on a Linux machine. Another board.py, nothing else differs.

One time factor drives river, firmware and gateway together: this board's clock is river time,
    now = river_s + (wall - wall_s) × factor
and so are `sleep_s`, `now_s` and `uptime_s`. `ticks_ms` and `sleep_ms` stay on the wall, for
transport time-outs: the wires are real.

Section "virtual" of the configuration; relative paths start at the configuration's folder:
    serial         PTY of the probe bus
    baud           of that bus, only told
    flash          file of the NOR flash; made if missing
    flash_sectors  its size
    boot_file      the boot number
    clock          {"wall_s", "river_s", "factor"}, each optional; {"unset": true}: never set
"""

import errno
import json
import os
import random
import select
import socket
import sys
import time

try:  # MicroPython
    from termios import setraw
    from time import sleep_ms, ticks_diff, ticks_ms
except ImportError:  # CPython
    from tty import setraw

    def ticks_ms():
        return int(time.monotonic() * 1000)

    def ticks_diff(later, earlier):
        return later - earlier

    def sleep_ms(ms):
        time.sleep(ms / 1000)


from xunhe_buoy.record import TIME_SYNCED

__all__ = ["sleep_ms", "ticks_diff", "ticks_ms"]

_SECTOR_SIZE = 4096
_path = sys.argv[1] if len(sys.argv) > 1 else os.getenv("XUNHE_BUOY_CONFIG")
if not _path:
    sys.exit("usage: launch.py config.json (or set XUNHE_BUOY_CONFIG)")
try:
    with open(_path) as _file:
        _config = json.load(_file)
    _virtual = _config["virtual"]
except (OSError, ValueError, KeyError) as _error:
    sys.exit("configuration: %s is no JSON file with a section virtual: %r" % (_path, _error))


def _beside_config(path):
    folder = _path.rsplit("/", 1)[0] + "/" if "/" in _path else ""
    return path if path.startswith("/") else folder + path


boot_file = _beside_config(_virtual.get("boot_file", "boot"))

# -- time

_clock = _virtual.get("clock") or {}
_started_s = time.time()
_factor = _clock.get("factor", 1)
_wall_s = _clock.get("wall_s", _started_s)
_river_s = _clock.get("river_s", _wall_s)


def config():
    return _config


def now_s():
    """Unix seconds of the river, or None where the clock was never set."""
    if _clock.get("unset"):
        return None
    return _river_s + (time.time() - _wall_s) * _factor


def time_quality():
    return TIME_SYNCED


def uptime_s():
    return (time.time() - _started_s) * _factor


def sleep_s(seconds):
    time.sleep(seconds / _factor)


def ms_of(seconds):
    """Milliseconds of `sleep_ms` that so many seconds of this board's clock take."""
    return int(seconds * 1000 / _factor) + 1


# -- hardware


def rail(on):
    """Power of the probes; the simulated ones are always on."""


def battery_v():
    """One Li-ion cell: 3.7 to 4.1 V, full at noon UTC."""
    day = (now_s() or uptime_s()) / 86400 % 1
    return 3.7 + 0.4 * (1 - 2 * abs(day - 0.5))


def jitter():
    return random.random()  # noqa: S311 (spreads retries, guards nothing)


class _Uart:
    """machine.UART's `any`, `read`, `write` on a PTY; opened anew after the other end went."""

    def __init__(self, path):
        self._path = path
        self._file = None

    def any(self):
        return 1 if self._poller().poll(0) else 0

    def read(self):
        """What is there now. Byte by byte: MicroPython's read(n) waits for all n."""
        self._poller()
        data = bytearray()
        try:
            while self._poll.poll(0):
                byte = self._file.read(1)
                if not byte:
                    raise OSError(errno.EIO)
                data.extend(byte)
        except OSError:
            self._close()
            raise
        return bytes(data)

    def write(self, data):
        self._poller()
        try:
            self._file.write(data)
        except OSError:
            self._close()
            raise

    def _poller(self):
        if self._file is None:
            self._file = open(self._path, "r+b", 0)
            setraw(self._file.fileno())
            self._poll = select.poll()
            self._poll.register(self._file, select.POLLIN)
        return self._poll

    def _close(self):
        self._file.close()
        self._file = None


def uart(baud):
    return _Uart(_virtual["serial"])


class _Partition:
    """esp32.Partition's protocol on a file. NOR: a program clears bits, an erase sets them."""

    def __init__(self, path, sectors):
        self._sectors = sectors
        try:
            self._file = open(path, "r+b", 0)
        except OSError:
            self._make(path)
            self._file = open(path, "r+b", 0)

    def _make(self, path):
        with open(path + ".new", "wb") as file:
            for _ in range(self._sectors):
                file.write(b"\xff" * _SECTOR_SIZE)
        os.rename(path + ".new", path)

    def readblocks(self, block, buf, offset=0):
        self._seek(block, offset)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset=None):
        if offset is None:
            self.ioctl(6, block)
            offset = 0
        old = bytearray(len(buf))
        self.readblocks(block, old, offset)
        self._write(block, offset, bytes(old[i] & buf[i] for i in range(len(buf))))

    def ioctl(self, op, arg):
        if op == 4:
            return self._sectors
        if op == 5:
            return _SECTOR_SIZE
        if op == 6:
            self._write(arg, 0, b"\xff" * _SECTOR_SIZE)
        return 0

    def _write(self, block, offset, data):
        self._seek(block, offset)
        self._file.write(data)
        self._file.flush()  # to the system: a killed process loses nothing

    def _seek(self, block, offset):
        if not 0 <= block < self._sectors:
            raise OSError(errno.EINVAL)
        self._file.seek(block * _SECTOR_SIZE + offset)


def partition():
    return _Partition(_beside_config(_virtual["flash"]), _virtual["flash_sectors"])


# -- network


def network_connect(host, port, timeout_ms):
    """A connected socket; OSError in time where there is no way to the broker."""
    address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0][-1]
    sock = socket.socket()
    try:
        _connect(sock, address, timeout_ms)
    except OSError:
        sock.close()
        raise
    return sock


def _connect(sock, address, timeout_ms):
    sock.setblocking(False)
    try:
        sock.connect(address)
    except OSError as error:
        if error.errno != errno.EINPROGRESS:
            raise
    poller = select.poll()
    poller.register(sock, select.POLLOUT)
    events = poller.poll(timeout_ms)
    if not events:
        raise OSError(errno.ETIMEDOUT)
    if events[0][1] & (select.POLLERR | select.POLLHUP):
        raise OSError(errno.ECONNREFUSED)
    sock.setblocking(True)
