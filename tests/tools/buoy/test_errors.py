"""Each error ends with what to type: the command that was typed, where that goes on."""

import json
import sys

import pytest

from xunhe_tools.buoy.errors import (
    AGAIN,
    BuoyError,
    CableError,
    PortError,
    PortTrouble,
    RefusedError,
)
from xunhe_tools.buoy.screen import Screen


@pytest.fixture(autouse=True)
def _typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/bin/xunhe", "buoy", "provision", "--by", "李 Li"])


def next_of(error: BuoyError, capsys: pytest.CaptureFixture[str]) -> str:
    Screen(as_json=True).fail(error)
    return str(json.loads(capsys.readouterr().out)["next"])


def test_a_broken_line_names_the_command_that_was_typed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert next_of(CableError("gone", AGAIN), capsys).endswith(
        ": xunhe buoy provision --by '李 Li'"
    )


def test_a_command_adds_the_words_that_it_needs_to_go_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = PortError(PortTrouble.GONE, "gone", "look").with_next("plug in", ("--device", "02a1"))
    assert next_of(error, capsys) == "plug in: xunhe buoy provision --by '李 Li' --device 02a1"


def test_another_next_step_stands_for_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert next_of(CableError("gone", AGAIN).with_next("look"), capsys) == "look"


def test_a_buoy_in_safe_mode_has_its_crashes_looked_at() -> None:
    assert "xunhe buoy logs" in RefusedError("not in safe mode").next_step
    assert RefusedError("no such probe").next_step == ""
