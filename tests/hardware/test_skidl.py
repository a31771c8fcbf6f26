"""The electrical rules really catch a mistake; a pin that is forgotten is refused."""

from types import SimpleNamespace

import pytest

pytest.importorskip("skidl", reason="pip install xunhe[hardware]")

from hardware.controller import controller
from hardware.controller.parts import Sheet


def _with(monkeypatch: pytest.MonkeyPatch, build: object) -> None:
    monkeypatch.setattr(controller, "BLOCKS", (*controller.BLOCKS, SimpleNamespace(build=build)))


def test_two_outputs_on_one_net_break_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    nets = {"GND": "GND", "VCC": "V3V3_SW", "D": "RS485_TX", "~RE": "GND", "~SHDN": "V3V3_SW"}
    second = {**nets, "R": "RS485_RX", "A": "BUS_A_IN", "B": "BUS_B_IN"}
    _with(monkeypatch, lambda: Sheet(9, "spare").part("THVD1406", "THVD1406DR", second))
    with pytest.raises(RuntimeError, match="electrical rules"):
        controller.netlist()


def test_a_pin_without_a_net_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _with(monkeypatch, lambda: Sheet(9, "spare").part("NMOS", "2N7002", {"G": "GND", "S": "GND"}))
    with pytest.raises(ValueError, match=r"\['D'\]"):
        controller.netlist()
