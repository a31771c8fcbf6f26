"""Simulated Atlas Scientific EZO circuits: commands, delays and answers of `probes.md` section 5.

A circuit is busy for its delay (wall time) and then has one answer: a code byte, ASCII, NUL.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from xunhe_tools.virtual_river.chemistry import Water, nernst_mv, oxygen_saturation_mg_l
from xunhe_tools.virtual_river.noise import sensed
from xunhe_tools.virtual_river.probes import Mooring
from xunhe_tools.virtual_river.script import FaultKind

SUCCESS, SYNTAX, NOT_READY, NO_DATA = 1, 2, 254, 255
SETTING_S = 0.3
CALIBRATION_S = 0.9


@dataclass(frozen=True, slots=True)
class CircuitModel:
    """`reading_s` as measured: for pH longer than the manual's 900 ms (ModularSensors)."""

    address: int
    reading_s: float
    show: Callable[[Water, float], float]
    slope: str | None = None


def _ph(water: Water, compensated_c: float) -> float:
    """The circuit turns the electrode's potential into pH by the temperature that it was told."""
    return 7 + (water.ph - 7) * nernst_mv(water.water_temp_c) / nernst_mv(compensated_c)


def _do_mg_l(water: Water, compensated_c: float) -> float:
    return water.do_saturation_fraction * oxygen_saturation_mg_l(compensated_c)


CIRCUITS = {
    "EZO-DO": CircuitModel(0x61, 0.6, _do_mg_l),
    "EZO-pH": CircuitModel(0x63, 1.656, _ph, "?Slope,99.7,100.3,-0.89"),
}


@dataclass(slots=True)
class Ezo:
    """One circuit. `wall_s` is the clock of its delays."""

    mooring: Mooring
    model: str
    wall_s: Callable[[], float] = time.monotonic
    _temp_c: float = 25.0
    _offset: float = 0.0
    _pressure_kpa: str = "101.3"
    _asleep: bool = False
    _answer: bytes | None = None
    _ready_s: float = 0.0

    def write(self, data: bytes) -> bool:
        """A command. Asleep, the circuit swallows what wakes it; a silent one is not there."""
        if self._is_silent():
            return False
        if self._asleep:
            self._asleep, self._answer = False, None
            return True
        command = data.decode("ascii", "replace")
        code, text, delay_s = self._obey(command)
        self._answer = bytes((code,)) + text.encode() + b"\0"
        self._ready_s = self.wall_s() + delay_s
        return True

    def read(self, size: int) -> bytes | None:
        """The answer so far, filled up with NULs."""
        if self._is_silent():
            return None
        if self._answer is None:
            shown = bytes((NO_DATA,))
        elif self.wall_s() < self._ready_s:
            shown = bytes((NOT_READY,))
        else:
            shown, self._answer = self._answer, None
        return shown[:size].ljust(size, b"\0")

    def _is_silent(self) -> bool:
        fault = self.mooring.fault(self.model, self.mooring.clock.now_s())
        return fault is not None and fault.kind is FaultKind.SILENT

    def _obey(self, command: str) -> tuple[int, str, float]:
        """(code, text, delay s)."""
        name, _, argument = command.partition(",")
        handler = _COMMANDS.get(name.upper())
        answer = handler(self, argument) if handler else None
        if answer is None:
            return SYNTAX, "", SETTING_S
        return SUCCESS, *answer

    def _reading(self, argument: str) -> tuple[str, float] | None:
        if argument:
            return None
        return f"{self._shown():.3f}", CIRCUITS[self.model].reading_s

    def _shown(self) -> float:
        where, now_s = self.mooring, self.mooring.clock.now_s()
        felt = sensed(where.water(now_s), where.river.seed, f"{where.station}/{self.model}", now_s)
        return CIRCUITS[self.model].show(felt, self._temp_c) + self._offset

    def _compensate(self, argument: str) -> tuple[str, float] | None:
        try:
            self._temp_c = float(argument)
        except ValueError:
            return None
        return "", SETTING_S

    def _calibrate(self, argument: str) -> tuple[str, float] | None:
        point, _, value = argument.partition(",")
        if point == "clear":
            self._offset = 0.0
            return "", SETTING_S
        try:
            self._offset += float(value or point) - self._shown()
        except ValueError:
            return None
        return "", CALIBRATION_S

    def _pressure(self, argument: str) -> tuple[str, float]:
        """Kept; the query answers in the odd shape that the real circuit has for P and O."""
        if argument == "?":
            return f"?,P,{self._pressure_kpa}", SETTING_S
        self._pressure_kpa = argument
        return "", SETTING_S

    def _salinity(self, _argument: str) -> tuple[str, float]:
        """The bench's water is fresh: heard, and without effect."""
        return "", SETTING_S

    def _slope(self, argument: str) -> tuple[str, float] | None:
        slope = CIRCUITS[self.model].slope
        return (slope, SETTING_S) if slope is not None and argument == "?" else None

    def _status(self, _argument: str) -> tuple[str, float]:
        return "?Status,P,5.038", SETTING_S

    def _sleep(self, _argument: str) -> tuple[str, float]:
        self._asleep = True
        return "", 0.0


_COMMANDS: dict[str, Callable[[Ezo, str], tuple[str, float] | None]] = {
    "R": Ezo._reading,
    "T": Ezo._compensate,
    "CAL": Ezo._calibrate,
    "S": Ezo._salinity,
    "P": Ezo._pressure,
    "SLOPE": Ezo._slope,
    "STATUS": Ezo._status,
    "SLEEP": Ezo._sleep,
}
