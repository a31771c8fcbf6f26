"""The buoy's ESP32-S3 board: the only file with GPIO numbers. Nets as in hardware/pins.csv.

Kept thin: only a bench with a real board can show that it is right. Clock, network and flash are
MicroPython's own (esp32 port 1.29). UART 2 serves modem or radio: a buoy carries one of the two.
"""

import esp32
import json
import gc
import machine
import network
import os
import random
import select
import socket
import struct
import sys
import time

from time import sleep_ms, ticks_diff, ticks_ms

from xunhe_buoy.record import TIME_UNSET

__all__ = ["sleep_ms", "ticks_diff", "ticks_ms"]

NAME = "esp32s3"

PIN_BATTERY_ADC = 1  # ADC1 channel 0
PIN_SOLAR_ADC = 2  # ADC1 channel 1
PIN_PROBE_RAIL_EN = 4
PIN_MODEM_PWR_EN = 5
PIN_LID_SW = 7  # RTC GPIO: wakes from deep sleep; low while the lid is shut
PIN_I2C_SDA = 8
PIN_I2C_SCL = 9
PIN_MODEM_TX = 10
PIN_MODEM_RX = 11
PIN_RADIO_TX = 12
PIN_RADIO_RX = 13
PIN_ONEWIRE = 14
PIN_RS485_TX = 17  # the transceiver turns around by itself
PIN_RS485_RX = 18
PIN_GNSS_TX = 43
PIN_GNSS_RX = 44

BATTERY_RATIO = 2.0  # divider 1 MΩ : 1 MΩ
SOLAR_RATIO = 4.0  # divider 3 MΩ : 1 MΩ
_UARTS = {
    "probes": (1, PIN_RS485_TX, PIN_RS485_RX),
    "modem": (2, PIN_MODEM_TX, PIN_MODEM_RX),
    "radio": (2, PIN_RADIO_TX, PIN_RADIO_RX),
    "gnss": (0, PIN_GNSS_TX, PIN_GNSS_RX),
}
_FOLDER = "/data/"
_EPOCH_S = 946684800  # MicroPython counts from 2000 on this port
_CLOCK = ">Bi"  # quality; seconds that setting the clock moved it: before the firmware's own bytes
_CLOCK_SIZE = 5
_MEMORY_SIZE = 2000
_REASONS = {
    machine.PWRON_RESET: "power",
    machine.DEEPSLEEP_RESET: "deepsleep",
    machine.WDT_RESET: "watchdog",
}

boot_file = _FOLDER + "boot"
wake_cost_s = 1.0  # from deep sleep to the first line of the firmware: to be measured on the bench

_rtc = machine.RTC()
_rail = machine.Pin(PIN_PROBE_RAIL_EN, machine.Pin.OUT, value=0)
_modem = machine.Pin(PIN_MODEM_PWR_EN, machine.Pin.OUT, value=0)
_lid = machine.Pin(PIN_LID_SW, machine.Pin.IN, machine.Pin.PULL_UP)


def path(name):
    """Where a small file of this name lies."""
    return _FOLDER + name


def config():
    with open(path("config.json")) as file:
        return json.load(file)


# -- time


def _clock():
    """(quality, seconds moved) in RTC memory; never set after a power cut."""
    memory = _rtc.memory()
    if len(memory) < _CLOCK_SIZE:
        return TIME_UNSET, 0
    return struct.unpack(_CLOCK, memory[:_CLOCK_SIZE])


def now_s():
    """Unix seconds, or None where the clock was never set."""
    if _clock()[0] == TIME_UNSET:
        return None
    return time.time() + _EPOCH_S


def time_quality():
    return _clock()[0]


def set_clock(unix_s, quality):
    """Set the RTC; `quality` is record.TIME_DRIFTING or TIME_SYNCED."""
    before_s = time.time()
    moved_s = _clock()[1]
    year, month, day, hour, minute, second, weekday, _ = time.gmtime(int(unix_s) - _EPOCH_S)
    _rtc.datetime((year, month, day, weekday, hour, minute, second, 0))
    moved_s += time.time() - before_s
    _rtc.memory(struct.pack(_CLOCK, quality, moved_s) + rtc_memory())


def uptime_s():
    """Seconds since the power came, deep sleeps included."""
    return time.time() - _clock()[1]


def sleep_s(seconds):
    time.sleep(seconds)


def light_sleep_s(seconds):
    """RAM and the supply of modem and radio stay; the processor stands."""
    machine.lightsleep(int(seconds * 1000))


def ms_of(seconds):
    return int(seconds * 1000)


# -- starting, sleeping, dying


def deep_sleep(seconds):
    """Off but for the RTC; never returns. Time or the lid wakes the board: it starts anew."""
    level = esp32.WAKEUP_ALL_LOW if _lid.value() else esp32.WAKEUP_ANY_HIGH
    esp32.wake_on_ext1((_lid,), level)
    machine.deepsleep(int(seconds * 1000))


def reset():
    """Start anew; never returns."""
    machine.reset()


def reset_reason():
    """Why the board started: "power", "deepsleep", "reset" or "watchdog"."""
    return _REASONS.get(machine.reset_cause(), "reset")


def rtc_memory(data=None):
    """What the RTC memory holds; `data` replaces it. Lost with the power only."""
    if data is not None:
        if len(data) > _MEMORY_SIZE:
            raise ValueError("RTC memory takes %d bytes" % _MEMORY_SIZE)
        _rtc.memory(struct.pack(_CLOCK, *_clock()) + bytes(data))
    return _rtc.memory()[_CLOCK_SIZE:]


def watchdog(timeout_ms):
    """Resets the board when it is not fed for so long."""
    return machine.WDT(timeout=timeout_ms)


def heap():
    """(bytes used, bytes free) of the MicroPython heap."""
    return gc.mem_alloc(), gc.mem_free()


# -- supply and case


def rail(on):
    """12 V of the probes."""
    _rail.value(1 if on else 0)


def modem_power(on):
    _modem.value(1 if on else 0)


def battery_v():
    return _volts(PIN_BATTERY_ADC, BATTERY_RATIO)


def solar_v():
    return _volts(PIN_SOLAR_ADC, SOLAR_RATIO)


def _volts(pin, ratio):
    from xunhe_buoy.drivers.adc import volts

    return volts(machine.ADC(machine.Pin(pin), atten=machine.ADC.ATTN_11DB), ratio)


def lid_open():
    return bool(_lid.value())


def jitter():
    return random.random()  # noqa: S311 (spreads retries, guards nothing)


# -- buses and flash


def uart(name, baud):
    """The serial port "probes", "modem", "radio" or "gnss"; called again, it changes its speed."""
    number, tx, rx = _UARTS[name]
    return machine.UART(number, baudrate=baud, tx=tx, rx=rx, timeout=0, rxbuf=1024)


def i2c():
    return machine.I2C(0, scl=machine.Pin(PIN_I2C_SCL), sda=machine.Pin(PIN_I2C_SDA), freq=100_000)


def onewire():
    import onewire

    return onewire.OneWire(machine.Pin(PIN_ONEWIRE))


def partition():
    """2 MiB of the module's flash, as in the partition table that `xunhe buoy flash` writes."""
    return esp32.Partition.find(esp32.Partition.TYPE_DATA, label="ringlog")[0]


# -- technician's line

_typed = bytearray()
_keys = select.poll()
_keys.register(sys.stdin, select.POLLIN)


def console_line():
    """The next whole line from the technician on USB, or None; never waits."""
    while _keys.poll(0):
        byte = sys.stdin.buffer.read(1)
        if byte in (b"\n", b"\r"):
            line = bytes(_typed)
            _typed[:] = b""
            return str(line, "utf-8") if line else None
        if len(_typed) < 2048:
            _typed.extend(byte)
    return None


# -- network


def wifi_connect(ssid, password, timeout_ms):
    """Join a network; OSError(ETIMEDOUT) where it is not there in time."""
    station = network.WLAN(network.WLAN.IF_STA)
    station.active(True)
    if station.isconnected():
        return
    station.connect(ssid, password)
    start = ticks_ms()
    while not station.isconnected():
        if ticks_diff(ticks_ms(), start) > timeout_ms:
            station.active(False)
            raise OSError(110)  # ETIMEDOUT
        sleep_ms(50)


def network_connect(host, port, timeout_ms):
    """A connected socket; OSError in time where there is no way to the broker."""
    address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0][-1]
    sock = socket.socket()
    try:
        sock.settimeout(timeout_ms / 1000)
        sock.connect(address)
    except OSError:
        sock.close()
        raise
    return sock


if "data" not in os.listdir("/"):
    os.mkdir("/data")
