"""Simulated Modbus probes: what they answer, register by register (`readings.py`).

A probe keeps two things only: its calibration (in its registers) and whether it was started.
Everything it shows is computed from the river at the moment of asking.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from pymodbus.constants import ExcCodes
from pymodbus.simulator import DataType, SimData, SimDevice

from xunhe_tools.virtual_river.chemistry import Water
from xunhe_tools.virtual_river.clock import RiverClock
from xunhe_tools.virtual_river.model import River
from xunhe_tools.virtual_river.network import Place
from xunhe_tools.virtual_river.noise import random_bytes, sensed
from xunhe_tools.virtual_river.readings import MODELS
from xunhe_tools.virtual_river.registers import Blocks, from_registers, to_registers
from xunhe_tools.virtual_river.script import FaultKind, ProbeFault

START = 0x2500  # FC03 with count 0; missing from paper manuals of 2024, still sent by EnviroDIY
STOP = 0x2E00  # FC03 with count 1

# Any code would do: `bus` turns each one into silence.
SILENCE = ExcCodes.ILLEGAL_ADDRESS


class Surroundings(Protocol):
    """What a probe hangs in; `seed` is that of its noise."""

    @property
    def clock(self) -> RiverClock: ...

    @property
    def station(self) -> str: ...

    @property
    def seed(self) -> int: ...

    @property
    def baud(self) -> Callable[[], int | None]: ...

    def water(self, t_s: float) -> Water:
        """The noiseless truth there."""
        ...

    def fault(self, model: str, t_s: float) -> ProbeFault | None:
        """What disturbs a probe of this model."""
        ...


@dataclass(frozen=True, slots=True)
class Mooring:
    """Where probes hang and which clock they live by; `baud` is the buoy's, None if it set none."""

    river: River
    clock: RiverClock
    station: str
    place: Place
    baud: Callable[[], int | None] = lambda: None

    @property
    def seed(self) -> int:
        """Of the river's noise."""
        return self.river.seed

    def water(self, t_s: float) -> Water:
        """The noiseless truth there, with what runs out of the outfalls."""
        return replace(
            self.river.water(self.place, t_s),
            outfall_m3_s=self.river.outfall_m3_s(self.place, t_s),
        )

    def fault(self, model: str, t_s: float) -> ProbeFault | None:
        """The first scripted fault that disturbs a probe of this model now."""
        faults = self.river.script.faults_of(self.station)
        return next((fault for fault in faults if fault.covers(model, t_s)), None)


def rubbish(seed: int, *key: object) -> float:
    """NaN or the float that random bits happen to make."""
    raw = random_bytes(seed, "rubbish", *key)
    value: float = struct.unpack("<f", raw[:4])[0]
    return math.nan if raw[4] & 1 else value


@dataclass(slots=True)
class Probe:
    """One probe at one address; `calibration` replaces the factory's, to show a probe that drifted.

    A model that needs a start command shows zeros before the first and its last value after a stop.
    """

    mooring: Surroundings
    model: str
    address: int
    calibration: tuple[float, ...] | None = None
    _started: bool = False
    _stopped_s: float | None = None

    def device(self) -> SimDevice:
        """The slave for a pymodbus server."""
        layout = MODELS[self.model]
        data = [_block(at, layout.size(at)) for at in layout.forms]
        if layout.calibration:
            constants = to_registers(self.calibration or layout.calibration, self._form)
            data.append(_block_of(layout.calibration_at, constants))
        if layout.command_at is not None:
            data.append(_block_of(layout.command_at, [0]))
        if layout.needs_start:
            data += [_block(START, 1), _block(STOP, 1)]
        return SimDevice(self.address, data, action=self._on_request)

    @property
    def _form(self) -> str:
        return "f" * len(MODELS[self.model].calibration)

    async def _on_request(
        self,
        function_code: int,
        first: int,
        address: int,
        count: int,
        registers: list[int],
        written: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """pymodbus's SimAction: bring `registers`, numbered from `first`, up to date or say no."""
        now_s = self.mooring.clock.now_s()
        if not self._hears(function_code):
            return SILENCE
        fault = self.mooring.fault(self.model, now_s)
        if fault is not None and fault.kind is FaultKind.SILENT:
            return SILENCE
        if written is not None:
            return self._check_write(address, count)
        needs_start = MODELS[self.model].needs_start
        if needs_start and address in (START, STOP):
            return self._command(address, count, now_s)
        if count == 0:
            return SILENCE
        if self._started or not needs_start:
            self._show(first, registers, now_s, fault)
        return None

    def _hears(self, function_code: int) -> bool:
        """A probe at another baud rate hears noise; a function that it lacks it ignores."""
        layout = MODELS[self.model]
        return function_code in layout.functions and self.mooring.baud() in (None, layout.baud)

    def _check_write(self, address: int, count: int) -> ExcCodes | None:
        """Calibration is written as a whole; half a float would be neither old nor new."""
        layout = MODELS[self.model]
        whole = address == layout.calibration_at and count == 2 * len(layout.calibration)
        return None if whole or address == layout.command_at else SILENCE

    def _command(self, address: int, count: int, now_s: float) -> ExcCodes | None:
        if count != (0 if address == START else 1):
            return SILENCE
        if address == START:
            self._started, self._stopped_s = True, None
        elif self._stopped_s is None:
            self._stopped_s = now_s
        return None

    def _show(
        self, first: int, registers: list[int], now_s: float, fault: ProbeFault | None
    ) -> None:
        layout = MODELS[self.model]
        at = layout.calibration_at - first
        constants = from_registers(registers[at : at + 2 * len(self._form)], self._form)
        blocks = self._blocks(constants, now_s, fault)
        for address, values in blocks.items():
            at = address - first
            shown = to_registers(values, layout.forms[address], layout.order)
            registers[at : at + len(shown)] = shown

    def _blocks(
        self, constants: tuple[float, ...], now_s: float, fault: ProbeFault | None
    ) -> Blocks:
        where, seed = self.mooring, self.mooring.seed
        seen_s = now_s if self._stopped_s is None else self._stopped_s
        if fault is not None and fault.kind is FaultKind.STUCK:
            seen_s = min(seen_s, fault.start_s)
        truth = where.water(seen_s)
        # Each probe has its own thermometer and electrode, so its own noise.
        felt = sensed(truth, seed, f"{where.station}/{self.model}", seen_s)
        blocks = MODELS[self.model].show(felt, constants)
        if fault is None or fault.kind is not FaultKind.RUBBISH:
            return blocks
        key = (where.station, self.model, math.floor(now_s))
        return {
            at: tuple(rubbish(seed, *key, at, i) for i in range(len(values)))
            for at, values in blocks.items()
        }


def _block_of(address: int, registers: list[int]) -> SimData:
    return SimData(address, values=registers, datatype=DataType.REGISTERS)


def _block(address: int, count: int) -> SimData:
    return SimData(address, count=count, values=0, datatype=DataType.REGISTERS, readonly=True)
