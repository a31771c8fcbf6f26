"""Buoys of the bench: signed frames as the firmware makes them, by MQTT."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from xunhe_buoy import record as wire
from xunhe_tools.bench.web.county import RIVERS, station_codes

KEY = bytes(range(32))
_POLLUTED_MG_L = 3.2
_CONNECT_S = 20.0

# The first station of each river, above which nothing else can have seen the same water.
ADDRESSES = {
    station: f"02beec{number:06x}"
    for number, station in enumerate(station_codes()[:: len(station_codes()) // RIVERS], 1)
}


def polluted_frame(station: str, time_s: int) -> bytes:
    """One signed reading of a station whose ammonia is far above every limit."""
    water = {"water_temp_c": 21.0, "ph": 7.6, "do_mg_l": 6.4, "battery_v": 3.9}
    water["nh3n_mg_l"] = _POLLUTED_MG_L
    scaled = tuple(wire.scale(water[name], divisor) for name, divisor in wire.RIVER.channels)
    flags = tuple(wire.GOOD for _ in scaled)
    record = wire.Record(1, 1, time_s, scaled, flags)
    return wire.encode_batch(bytes.fromhex(ADDRESSES[station]), [record], KEY)


@contextmanager
def connected(port: int) -> Iterator[paho.Client]:
    """A client of the gateway's broker."""
    client = paho.Client(CallbackAPIVersion.VERSION2, "xunhe-bench-web")
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        until = time.monotonic() + _CONNECT_S
        while not client.is_connected():
            if time.monotonic() > until:
                raise RuntimeError(f"no connection to the broker on port {port}")
            time.sleep(0.02)
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


def send(client: paho.Client, station: str, frame: bytes) -> float:
    """Publish a frame; the instant before it left, Unix seconds."""
    at_s = time.time()
    client.publish(f"xunhe/v1/{station}/readings", frame, qos=1)
    return at_s
