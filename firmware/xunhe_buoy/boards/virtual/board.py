"""The virtual board: a buoy's hardware on a Linux machine. Another board.py, nothing else differs.

One time factor drives river, firmware and gateway together: this board's clock is river time,
    now = river_s + (wall - wall_s) × factor
and so are `sleep_s`, `now_s` and `uptime_s`. `ticks_ms` and `sleep_ms` stay on the wall, for
transport time-outs: the wires are real.

Section "virtual" of the configuration, or the variable XUNHE_BUOY_BUSES: a board that a technician
provisions is what it is before it has a configuration. Relative paths start at the configuration's
folder:
    serial         PTY of the probe bus
    baud           of that bus, only told
    modem, radio, gnss, i2c, onewire   PTYs of what else is built in
    flash          file of the NOR flash; made if missing
    flash_sectors  its size
    boot_file      the boot number; the other small files lie beside it
    clock          {"wall_s", "river_s", "factor"}, each optional; {"unset": true}: never set
    supply         JSON file {"battery_v", "solar_v", "lid_open"}, each optional: what is not said
                   follows the sun
    console        true: standard input is the technician's USB line
    watchdog       true: a process beside this one bites; a number: after so many ms, for tests

The program ends with EXIT_DEEP_SLEEP or EXIT_RESET where a real board would start anew by itself:
whoever started it starts it again, and it sleeps on until it is to wake.
"""

import gc
import json
import os
import random
import sys
import time

import virtual_network
import virtual_rtc
from virtual_flash import Partition
from virtual_time import sleep_ms, ticks_diff, ticks_ms
from xunhe_buoy.record import TIME_SYNCED, TIME_UNSET

__all__ = ["sleep_ms", "ticks_diff", "ticks_ms"]

NAME = "virtual"
EXIT_DEEP_SLEEP, EXIT_RESET = 43, 44
WAKE_COST_S = 0.1  # wall: what a deep sleep costs in starting the program again

_path = sys.argv[1] if len(sys.argv) > 1 else os.getenv("XUNHE_BUOY_CONFIG")
if not _path:
    sys.exit("usage: launch.py config.json (or set XUNHE_BUOY_CONFIG)")


def config():
    """Read anew for whoever asks: it is not kept in RAM."""
    with open(_path) as file:
        return json.load(file)


try:
    _buses = os.getenv("XUNHE_BUOY_BUSES")
    _virtual = json.loads(_buses) if _buses else config()["virtual"]
except (OSError, ValueError, KeyError) as _error:
    sys.exit("configuration: %s is no JSON file with a section virtual: %r" % (_path, _error))


def _beside_config(path):
    folder = _path.rsplit("/", 1)[0] + "/" if "/" in _path else ""
    return path if path.startswith("/") else folder + path


boot_file = _beside_config(_virtual.get("boot_file", "boot"))


def path(name):
    """Where a small file of this name lies."""
    folder = boot_file.rsplit("/", 1)[0] + "/" if "/" in boot_file else ""
    return folder + name


_rtc = virtual_rtc.Rtc(path("rtc"))

# -- time

_clock = _virtual.get("clock") or {}
_factor = _clock.get("factor", 1)
_wall_s = _clock.get("wall_s", _rtc.started_s)
_river_s = _clock.get("river_s", _wall_s)
wake_cost_s = WAKE_COST_S * _factor


def now_s():
    """Unix seconds of the river, or None where the clock was never set."""
    if time_quality() == TIME_UNSET:
        return None
    return _river_s + (time.time() - _wall_s) * _factor + (_rtc.clock_offset_s or 0)


def time_quality():
    if _rtc.time_quality is not None:
        return _rtc.time_quality
    return TIME_UNSET if _clock.get("unset") else TIME_SYNCED


def set_clock(unix_s, quality):
    """Set the RTC; `quality` is record.TIME_DRIFTING or TIME_SYNCED."""
    _rtc.clock_offset_s = unix_s - _river_s - (time.time() - _wall_s) * _factor
    _rtc.time_quality = quality
    _rtc.save()


def uptime_s():
    """Seconds since the power came, deep sleeps included."""
    return (time.time() - _rtc.started_s) * _factor


def sleep_s(seconds):
    time.sleep(seconds / _factor)


def light_sleep_s(seconds):
    """RAM and the supply of modem and radio stay; the processor stands."""
    sleep_s(seconds)


def ms_of(seconds):
    """Milliseconds of `sleep_ms` that so many seconds of this board's clock take."""
    return int(seconds * 1000 / _factor) + 1


# -- starting, sleeping, dying


def deep_sleep(seconds):
    """Off but for the RTC; never returns. Time or the lid wakes the board: it starts anew."""
    _rtc.save(virtual_rtc.DEEP_SLEEP, time.time() + seconds / _factor)
    sys.exit(EXIT_DEEP_SLEEP)


def reset():
    """Start anew; never returns."""
    _rtc.save(virtual_rtc.RESET)
    sys.exit(EXIT_RESET)


def reset_reason():
    """Why the board started: "power", "deepsleep", "reset" or "watchdog"."""
    return _rtc.reason


def rtc_memory(data=None):
    """What the RTC memory holds; `data` replaces it. Lost with the power only."""
    if data is None:
        return _rtc.read_memory()
    if len(data) > virtual_rtc.MEMORY_SIZE:
        raise ValueError("RTC memory takes %d bytes" % virtual_rtc.MEMORY_SIZE)
    _rtc.write_memory(data)
    _rtc.save()


class _NoWatchdog:
    def feed(self):
        """Nothing bites here."""


def watchdog(timeout_ms):
    """Resets the board when it is not fed for so long."""
    wanted = _virtual.get("watchdog", False)
    if wanted is False:
        return _NoWatchdog()
    import virtual_watchdog

    return virtual_watchdog.Watchdog(path("rtc"), timeout_ms if wanted is True else wanted)


def heap():
    """(bytes used, bytes free) of the MicroPython heap; CPython has none."""
    if not hasattr(gc, "mem_alloc"):
        return 0, 0
    return gc.mem_alloc(), gc.mem_free()


# -- supply and case


def rail(on):
    """Power of the probes; the simulated ones are always on."""


def modem_power(on):
    """A PTY has no power line: the modem simulator watches a file beside it."""
    with open(_virtual["modem"] + ".power", "w") as file:
        file.write("1" if on else "0")


def battery_v():
    """One LiFePO4 cell: 3.28 to 3.38 V, most at noon UTC."""
    return _supply("battery_v", 3.28 + 0.1 * _sun())


def solar_v():
    """An open panel: 0 to 6 V, most at noon UTC."""
    return _supply("solar_v", 6.0 * _sun())


def lid_open():
    return _supply("lid_open", False)


def _sun():
    day = (now_s() or uptime_s()) / 86400 % 1
    return 1 - 2 * abs(day - 0.5)


def _supply(name, default):
    if "supply" not in _virtual:
        return default
    try:
        with open(_beside_config(_virtual["supply"])) as file:
            return json.load(file).get(name, default)
    except (OSError, ValueError):  # being written just now
        return default


def jitter():
    return random.random()  # noqa: S311 (spreads retries, guards nothing)


# -- buses and flash


def uart(name, baud):
    """The serial port "probes", "modem", "radio" or "gnss"."""
    from virtual_uart import Uart

    return Uart(_virtual["serial" if name == "probes" else name], baud)


def i2c():
    from virtual_wires import I2C

    return I2C(_virtual["i2c"])


def onewire():
    from virtual_wires import OneWire

    return OneWire(_virtual["onewire"])


def partition():
    return Partition(_beside_config(_virtual["flash"]), _virtual["flash_sectors"])


# -- network and technician's line


def console_line():
    """The next whole line from the technician, or None; never waits."""
    if not _virtual.get("console"):
        return None
    import virtual_console

    return virtual_console.line()


def wifi_connect(ssid, password, timeout_ms):
    """This machine's network is there."""


def network_connect(host, port, timeout_ms):
    """A connected socket; OSError in time where there is no way to the broker."""
    return virtual_network.connect(host, port, timeout_ms)


def _sleep_on():
    """A deep sleep that is not over yet: time and the lid wake."""
    lid = lid_open()
    while time.time() < _rtc.wake_s and lid_open() == lid:
        time.sleep(min(0.05, max(0, _rtc.wake_s - time.time())))


_sleep_on()
