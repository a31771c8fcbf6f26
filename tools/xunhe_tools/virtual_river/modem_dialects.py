"""The TCP commands of two makes of modems, as their manuals have them.

SIM7600: "SIM7500_SIM7600 Series AT Command Manual" V2.00. Air780E: AirM2M's AT command pages for
the Air780E. What these leave open is to be compared with a module.
"""

from __future__ import annotations

from typing import ClassVar

from xunhe_tools.virtual_river.modem import Modem, ModemFaults, RefusedError
from xunhe_tools.virtual_river.modem_connection import Connection


class Sim7600Modem(Modem):
    """SIM7600: connection 0, a network service that is opened first."""

    commands: ClassVar[tuple[tuple[str, str], ...]] = (
        *Modem.commands,
        (r"AT\+(?:CGDCONT=1,\"IP\",\"[^\"]*\"|CIPMODE=0|CIPSENDMODE=0)", "_do_nothing"),
        (r"AT\+CIPRXGET=1", "_do_nothing"),
        (r"AT\+NETOPEN\?", "_do_net_state"),
        (r"AT\+NETOPEN", "_do_net_open"),
        (r"AT\+NETCLOSE", "_do_net_close"),
        (r"AT\+CIPOPEN=0,\"TCP\",\"([^\"]+)\",(\d+)", "_do_open"),
        (r"AT\+CIPSEND=0,(\d+)", "_do_send"),
        (r"AT\+CIPRXGET=2,0,(\d+)", "_do_read"),
        (r"AT\+CIPCLOSE=0", "_do_close"),
    )
    greeting: ClassVar[tuple[str, ...]] = ("RDY", "+CPIN: READY", "SMS DONE", "PB DONE")
    _has_net = False
    _connection: Connection | None = None

    async def hang_up(self) -> None:
        """Connection and network service go."""
        self._has_net = False
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    async def _do_net_state(self) -> None:
        self.say(f"+NETOPEN: {int(self._has_net)}", "OK")

    async def _do_net_open(self) -> None:
        if self._has_net:
            raise RefusedError("+IP ERROR: Network is already opened")
        self._has_net = True
        self.say("OK", "+NETOPEN: 0")

    async def _do_net_close(self) -> None:
        if not self._has_net:
            raise RefusedError("+NETCLOSE: 2")
        await self.hang_up()
        self.say("OK", "+NETCLOSE: 0")

    async def _do_open(self, host: str, port: str) -> None:
        if not self._has_net or self._connection is not None:
            raise RefusedError("+CIPOPEN: 0,4")
        self.say("OK")
        connection = Connection(
            self.faults,
            lambda: self.say("+CIPRXGET: 1,0"),
            lambda: self.say("+IPCLOSE: 0,1"),
        )
        try:
            await connection.open(host, int(port))
        except OSError:
            self.say("+CIPOPEN: 0,10")
            return
        self._connection = connection
        self.say("+CIPOPEN: 0,0")

    async def _do_send(self, size: str) -> None:
        if self._connection is None:
            raise RefusedError("+CIPERROR: 4")
        await self._connection.send(await self.prompt(int(size)))
        self.say("OK", f"+CIPSEND: 0,{size},{size}")

    async def _do_read(self, size: str) -> None:
        data, left = self._connection.take(int(size)) if self._connection else (b"", 0)
        if not data:
            raise RefusedError("+IP ERROR: No data")
        self.say_data(f"+CIPRXGET: 2,0,{len(data)},{left}", data)

    async def _do_close(self) -> None:
        if self._connection is None:
            raise RefusedError("+CIPCLOSE: 0,4")
        connection, self._connection = self._connection, None
        await connection.close()
        self.say("OK", "+CIPCLOSE: 0,0")


class Air780eModem(Modem):
    """Air780E: one connection, and a state that each command must find right."""

    commands: ClassVar[tuple[tuple[str, str], ...]] = (
        *Modem.commands,
        (r"AT\+(?:CIPMUX=0|CIPQSEND=1|CIPRXGET=1)", "_do_nothing"),
        (r"AT\+CSTT(?:=\"[^\"]*\")?", "_do_apn"),
        (r"AT\+CIICR", "_do_activate"),
        (r"AT\+CIFSR", "_do_address"),
        (r"AT\+CIPSTART=\"TCP\",\"([^\"]+)\",(\d+)", "_do_open"),
        (r"AT\+CIPSEND=(\d+)", "_do_send"),
        (r"AT\+CIPRXGET=2,(\d+)", "_do_read"),
        (r"AT\+CIPSHUT", "_do_shut"),
    )
    greeting: ClassVar[tuple[str, ...]] = ("^boot.rom", "+E_UTRAN Service", "+CGEV: ME PDN ACT 1")
    chatter: ClassVar[tuple[str, ...]] = ("+CSQ: 25,0", "+NITZ: 26/11/22,10:15:30+32,0")
    _state = "IP INITIAL"
    _connection: Connection | None = None

    async def hang_up(self) -> None:
        """Back to IP INITIAL."""
        self._state = "IP INITIAL"
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    def _advance(self, before: str, after: str) -> None:
        if self._state != before:
            raise RefusedError
        self._state = after

    async def _do_apn(self) -> None:
        self._advance("IP INITIAL", "IP START")
        self.say("OK")

    async def _do_activate(self) -> None:
        self._advance("IP START", "IP GPRSACT")
        self.say("OK")

    async def _do_address(self) -> None:
        self._advance("IP GPRSACT", "IP STATUS")
        self.say("10.68.27.49")  # no OK follows

    async def _do_open(self, host: str, port: str) -> None:
        if self._state != "IP STATUS":
            raise RefusedError
        self.say("OK")
        connection = Connection(self.faults, lambda: self.say("+CIPRXGET:1"), self._end)
        try:
            await connection.open(host, int(port))
        except OSError:
            self.say("CONNECT FAIL")
            return
        self._connection, self._state = connection, "CONNECT OK"
        self.say("CONNECT OK")

    def _end(self) -> None:
        self._state = "IP CLOSED"
        self.say("CLOSED")

    async def _do_send(self, size: str) -> None:
        if self._connection is None or self._state != "CONNECT OK":
            raise RefusedError
        await self._connection.send(await self.prompt(int(size)))
        self.say(f"DATA ACCEPT:{size}")

    async def _do_read(self, size: str) -> None:
        data, left = self._connection.take(int(size)) if self._connection else (b"", 0)
        if not data:
            self.say("+CIPRXGET:2,0,0", "OK")
            return
        self.say_data(f"+CIPRXGET:2,{len(data)},{left}", data)

    async def _do_shut(self) -> None:
        await self.hang_up()
        self.say("SHUT OK")


MODEMS: dict[str, type[Modem]] = {"sim7600": Sim7600Modem, "air780e": Air780eModem}

__all__ = ["MODEMS", "Air780eModem", "ModemFaults", "Sim7600Modem"]
