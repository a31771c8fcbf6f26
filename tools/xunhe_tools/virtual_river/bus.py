"""The slaves of one serial line, served by pymodbus: silent where real probes are.

Function codes 03, 04, 06 and 16 exist, and each probe knows which of them it has. Broadcasts,
absent addresses, registers outside the list and everything malformed get no answer: no exception
reply ever leaves these probes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from pymodbus import ExceptionResponse, FramerType
from pymodbus.datastore import ModbusServerContext
from pymodbus.exceptions import NoSuchIdException
from pymodbus.pdu import DecodePDU, ModbusPDU, ReadHoldingRegistersRequest
from pymodbus.pdu.register_message import (
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)
from pymodbus.server import ModbusSerialServer

from xunhe_tools.virtual_river.probes import Probe


def _check_present(context: ModbusServerContext, device_id: int) -> None:
    """With `ignore_missing_devices`, pymodbus meets this exception with silence."""
    present: list[int] = context.device_ids()  # type: ignore[no-untyped-call]
    if device_id not in present:
        raise NoSuchIdException(f"nobody at address {device_id}")


def _spoken(reply: ModbusPDU) -> ModbusPDU:
    """The reply, unless it would be a Modbus exception."""
    if isinstance(reply, ExceptionResponse):
        raise NoSuchIdException("the probe ignores this request")
    return reply


class ProbeRead(ReadHoldingRegistersRequest):
    """FC03; unlike the standard, count 0 is allowed: it is the start command of Y504."""

    def decode(self, data: bytes) -> None:
        self.address, self.count = struct.unpack(">HH", data[:4])

    async def datastore_update(self, context: ModbusServerContext, device_id: int) -> ModbusPDU:
        _check_present(context, device_id)
        return _spoken(await super().datastore_update(context, device_id))


class ProbeWrite(WriteMultipleRegistersRequest):
    """FC16."""

    async def datastore_update(self, context: ModbusServerContext, device_id: int) -> ModbusPDU:
        _check_present(context, device_id)
        return _spoken(await super().datastore_update(context, device_id))


class ProbeReadInput(ReadInputRegistersRequest):
    """FC04."""

    async def datastore_update(self, context: ModbusServerContext, device_id: int) -> ModbusPDU:
        _check_present(context, device_id)
        return _spoken(await super().datastore_update(context, device_id))


class ProbeWriteOne(WriteSingleRegisterRequest):
    """FC06."""

    async def datastore_update(self, context: ModbusServerContext, device_id: int) -> ModbusPDU:
        _check_present(context, device_id)
        return _spoken(await super().datastore_update(context, device_id))


_REQUESTS = (ProbeRead, ProbeReadInput, ProbeWriteOne, ProbeWrite)


class ProbeDecoder(DecodePDU):
    """Knows no other function code, so the others are noise on the line."""

    def __init__(self) -> None:
        super().__init__(is_server=True)
        self.pdu_table = {kind.function_code: (kind, kind) for kind in _REQUESTS}

    def lookupPduClass(self, data: bytes) -> type[ModbusPDU] | None:  # noqa: N802, pymodbus's name
        return self.pdu_table.get(data[1], (None, None))[0]


class ProbeBus:
    """All probes of one line. `port` is the probes' end; the baud rate means nothing on a PTY."""

    def __init__(self, probes: Iterable[Probe], port: str) -> None:
        self._server = ModbusSerialServer(
            [probe.device() for probe in probes],
            framer=FramerType.RTU,
            port=port,
            baudrate=9600,
            ignore_missing_devices=True,
        )
        self._server.decoder = ProbeDecoder()

    async def start(self) -> None:
        """Open the port. RuntimeError if that fails."""
        await self._server.serve_forever(background=True)

    def forget(self) -> None:
        """Drop half a frame: on a wire the silence after it would have ended it.

        pymodbus ignores time, so a lost byte would otherwise spoil the next request too.
        """
        for connection in self._server.active_connections.values():
            connection.recv_buffer = b""

    def close(self) -> None:
        """Close the port."""
        self._server.close()
