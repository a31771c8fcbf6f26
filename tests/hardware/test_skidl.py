"""The netlist is what SKiDL makes; its electrical rules really catch a mistake."""

from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("skidl", reason="SKiDL 没有装 / is not installed: make test installs it")

from hardware.controller import controller
from hardware.controller.parts import Sheet

KEPT = Path(__file__).parents[2] / "hardware/generated/controller.net"


@pytest.fixture(autouse=True)
def no_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    """SKiDL notes for every part the whole stack of its caller, which pytest makes a deep one."""
    monkeypatch.setattr("skidl.circuit.get_skidl_trace", lambda: [("sheet.py", "1")])


def _with(monkeypatch: pytest.MonkeyPatch, build: object) -> None:
    monkeypatch.setattr(controller, "BLOCKS", (*controller.BLOCKS, SimpleNamespace(build=build)))


def test_the_netlist_comes_out_of_skidl_the_same_and_its_rules_are_kept() -> None:
    assert KEPT.read_text("utf-8") == controller.netlist(), "run make hardware"


def test_skidl_leaves_no_report_beside_its_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(controller, "BLOCKS", ())
    controller.netlist()
    assert list(tmp_path.iterdir()) == []


def test_two_outputs_on_one_net_break_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    nets = {"GND": "GND", "VCC": "V3V3_SW", "D": "RS485_TX", "~RE": "GND", "~SHDN": "V3V3_SW"}
    second = {**nets, "R": "RS485_RX", "A": "BUS_A_IN", "B": "BUS_B_IN"}
    _with(monkeypatch, lambda: Sheet(9, "spare").part("THVD1406", "THVD1406DR", second))
    with pytest.raises(RuntimeError, match="electrical rules"):
        controller.netlist()


def test_a_pin_without_a_net_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    nets = {"G": "GND", "S": "GND"}
    monkeypatch.setattr(controller, "BLOCKS", ())
    _with(monkeypatch, lambda: Sheet(9, "spare").part("NMOS", "2N7002", nets))
    with pytest.raises(ValueError, match=r"\['D'\]"):
        controller.netlist()
