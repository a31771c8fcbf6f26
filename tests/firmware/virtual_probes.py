"""Probes on a serial line: pymodbus's server as the independent peer, on one end of a PTY pair."""

import asyncio
import contextlib
import os
import struct
import threading
import tty

from conftest import PATIENCE_S
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

# FC03 of 0 registers is outside Modbus and of pymodbus: this wire answers it as Yosemitech does.
START = bytes.fromhex("0103250000004ec6")
START_REPLY = bytes.fromhex("01030020f0")


def registers(*values):
    """Little-endian floats as big-endian registers hold them."""
    data = b"".join(struct.pack("<f", v) for v in values)
    return list(struct.unpack(f">{len(data) // 2}H", data))


RIVER_PROBES = {
    1: {0x2600: registers(20.0, 0.9, 8.18)},
    2: {0x2800: registers(7.4), 0x2400: registers(20.1), 0x1200: registers(-20.0)},
    3: {0x2600: registers(180.0, 7.38), 0x2400: registers(20.2), 0x2800: registers(0.55)},
}


class Probes:
    """Serves {address: {register: values}} on `port` until closed; absent addresses stay silent."""

    def __init__(self, probes):
        self._values = {address: dict(blocks) for address, blocks in probes.items()}
        self.devices = [self._device(address) for address in probes]
        self._pairs = [os.openpty(), os.openpty()]
        for pair in self._pairs:
            for fd in pair:
                tty.setraw(fd)
            os.set_blocking(pair[0], False)  # where nobody reads, a line loses bytes
        self.port = os.ttyname(self._pairs[0][1])
        self._ready = threading.Event()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._bridge, daemon=True),
            threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True),
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        assert self._ready.wait(PATIENCE_S)
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()  # it waits on what is closed below
        for pair in self._pairs:
            for fd in pair:
                os.close(fd)

    def set(self, address, register, *values):
        self._values[address][register] = registers(*values)

    def _device(self, address):
        blocks = self._values[address]

        async def action(function, start, register, count, current, written):
            for first, values in blocks.items():
                if first == register:
                    current[first - start : first - start + len(values)] = values

        data = [SimData(r, values=v, datatype=DataType.REGISTERS) for r, v in blocks.items()]
        return SimDevice(address, data, action=action)

    def _bridge(self):
        """Copy between the masters of the two PTYs: their slaves become the ends of one wire.

        A request to an absent address ends here: pymodbus 3.16 answers it with exception 4 (a
        KeyError of its simulator) in spite of `ignore_missing_devices`.
        """
        import select

        (left, _), (right, _) = self._pairs
        while not self._stop.is_set():
            for fd in select.select([left, right], [], [], 0.05)[0]:
                with contextlib.suppress(OSError):
                    data = os.read(fd, 512)
                    if data == START:
                        os.write(left, START_REPLY)
                    elif fd == right or data[0] in self._values:
                        os.write(right if fd == left else left, data)

    async def _serve(self):
        server = ModbusSerialServer(
            self.devices,
            port=os.ttyname(self._pairs[1][1]),
            baudrate=9600,
            ignore_missing_devices=True,
        )
        await server.serve_forever(background=True)
        self._ready.set()
        while not self._stop.is_set():
            await asyncio.sleep(0.05)
        await server.shutdown()
