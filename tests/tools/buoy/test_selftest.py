"""The self-test's table: each part at its limit, and what to do for each failure."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.firmware.virtual_probes import Probes
from tests.tools.buoy.test_calibrate import (  # noqa: F401  (fixtures)
    buoy,
    flash_of_a_bench,
    probe,
)
from tests.tools.buoy.vessels import PROBE
from xunhe_tools.buoy.selftest import APART_S, Check, Part, checks
from xunhe_tools.cli import app
from xunhe_tools.virtual_board.board import VirtualBoard

NOW_S = 1_790_000_000


def selftest(**details: tuple[bool, str]) -> dict[str, Any]:
    well = {
        "flash": (True, "erased 3 times, 0 pending, 0 torn"),
        "supply": (True, "battery 3.30 V, panel 5.00 V"),
        "lid": (True, "closed"),
        "clock": (True, str(NOW_S)),
        "heap": (True, "1 used, 90000 free"),
        "Y504@1": (True, "answers"),
        "Y532@2": (True, "answers"),
        "EZO-pH@99": (True, "answers"),
    }
    rows = {**well, **details}
    return {
        "tests": [
            {"name": name, "passed": passed, "detail": detail, "counts": {}}
            for name, (passed, detail) in rows.items()
        ]
    }


STATUS = {
    "connects": 1,
    "acknowledged": 4,
    "pending": 0,
    "probes": {"Y504@1": {}, "Y532@2": {}, "EZO-pH@99": {}},
}


def rows(found: list[Check], part: Part) -> list[Check]:
    return [check for check in found if check.part is part]


def test_a_well_buoy_passes_in_every_part() -> None:
    found = checks(selftest(), STATUS, NOW_S)
    assert all(check.passed and not check.advice for check in found)
    assert {check.part for check in found} == set(Part)
    assert [check.name for check in rows(found, Part.BUS)] == ["RS-485", "I2C"]


def test_one_silent_probe_is_the_probe_and_two_are_the_bus() -> None:
    one = checks(selftest(**{"Y504@1": (False, "silence")}), STATUS, NOW_S)
    assert [check.passed for check in rows(one, Part.BUS)] == [True, True]
    assert rows(one, Part.BUS)[0].measured == "1/2"
    silent = {"Y504@1": (False, "silence"), "Y532@2": (False, "silence")}
    both = checks(selftest(**silent), STATUS, NOW_S)
    assert [check.passed for check in rows(both, Part.BUS)] == [False, True]
    assert "12 V" in rows(both, Part.BUS)[0].advice


@pytest.mark.parametrize(
    ("apart_s", "passed"),
    [(0, True), (APART_S, True), (-APART_S, True), (APART_S + 1, False), (-APART_S - 1, False)],
)
def test_the_clock_may_be_two_minutes_apart(apart_s: int, passed: bool) -> None:
    clock = {"clock": (True, str(NOW_S + apart_s))}
    (found,) = rows(checks(selftest(**clock), STATUS, NOW_S), Part.CLOCK)
    assert (found.passed, found.measured) == (passed, f"{apart_s:+d} s")


@pytest.mark.parametrize(
    ("connects", "acknowledged", "advice"),
    [(0, 0, "SIM"), (1, 0, "enrolled"), (1, 1, "")],
)
def test_a_link_counts_when_the_gateway_has_acknowledged(
    connects: int, acknowledged: int, advice: str
) -> None:
    status = {**STATUS, "connects": connects, "acknowledged": acknowledged}
    (found,) = rows(checks(selftest(), status, NOW_S), Part.RADIO)
    assert found.passed is (advice == "")
    assert advice in found.advice


@pytest.mark.parametrize(
    ("name", "detail", "part"),
    [
        ("flash", "erased 80000 times, 0 pending, 0 torn", Part.STORAGE),
        ("heap", "1 used, 100 free", Part.MEMORY),
        ("supply", "battery 3.00 V, panel 0.00 V", Part.BATTERY),
        ("clock", "never set", Part.CLOCK),
        ("lid", "open", Part.SEAL),
        ("Y504@1", "rubbish", Part.PROBE),
        ("Y504@1", "something new", Part.PROBE),
    ],
)
def test_each_failure_says_what_to_do_in_both_languages(name: str, detail: str, part: Part) -> None:
    found = checks(selftest(**{name: (False, detail)}), STATUS, NOW_S)
    (failed,) = [check for check in found if not check.passed]
    assert failed.part is part
    assert " / " in failed.advice


def test_a_buoy_on_the_bench_shows_what_is_well_and_what_is_not(
    buoy: VirtualBoard,  # noqa: F811
    probe: Probes,  # noqa: F811
) -> None:
    """Its probe answers; its broker does not exist."""
    line = ["buoy", "selftest", "--port", str(buoy.port), "--wait-s", "0"]
    result = CliRunner().invoke(app, [*line, "--json"])
    assert result.exit_code == 1
    told = json.loads(result.stdout.splitlines()[-1])
    failed = {check["part"] for check in told["checks"] if not check["passed"]}
    assert failed == {"radio"}
    assert PROBE in [check["name"] for check in told["checks"]]
    shown = CliRunner().invoke(app, line).stdout
    assert "探头 probe" in shown
    readings = ["buoy", "watch", "--port", str(buoy.port), "--count", "2", "--interval-s", "0"]
    lines = CliRunner().invoke(app, [*readings, "--json"]).stdout.splitlines()
    assert [round(json.loads(line)["values"]["ph"], 1) for line in lines] == [6.8, 6.8]
