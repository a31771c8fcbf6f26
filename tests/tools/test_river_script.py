"""Scripts and configurations: what is accepted, and that each mistake is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tools.rivers import config
from xunhe_tools.virtual_river.config import config_from, load_config
from xunhe_tools.virtual_river.script import FaultKind, ProbeFault, load_script, script_from
from xunhe_tools.virtual_river.strict import ConfigError

TOML = """
[[event]]
kind = "discharge"
reach = "U"
position_m = 500
start_s = 1000
duration_s = 60.5
flow_m3_s = 0.5
nh3n_mg_l = 32
bod_mg_l = 140

[[event]]
kind = "stuck"
station = "B1"
model = "Y560"
start_s = 2000
duration_s = 600
"""
DISCHARGE = {
    "kind": "discharge", "reach": "U", "position_m": 1, "start_s": 0, "duration_s": 1,
    "flow_m3_s": 1, "nh3n_mg_l": 1,
}  # fmt: skip
SILENT = {"kind": "silent", "station": "B1", "start_s": 0, "duration_s": 1}


def without(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != key}


def test_a_script_is_read_from_toml(tmp_path: Path) -> None:
    file = tmp_path / "night.toml"
    file.write_text(TOML, encoding="utf-8")
    script = load_script(file)
    assert [d.bod_mg_l for d in script.discharges] == [140]
    assert script.faults_of("B1") == (ProbeFault("B1", FaultKind.STUCK, 2000, 600, "Y560"),)
    assert script.faults_of("B2") == ()


@pytest.mark.parametrize(("t_s", "covered"), [(1999, 0), (2000, 1), (2599, 1), (2600, 0)])
def test_a_fault_covers_its_time(t_s: float, covered: bool) -> None:
    fault = ProbeFault("B1", FaultKind.STUCK, 2000, 600, "Y560")
    assert fault.covers("Y560", t_s) == covered
    assert not fault.covers("Y504", t_s)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({}, r"script\[0\].kind: unknown kind None; known: discharge, rubbish, silent, stuck"),
        ({"kind": "silnt"}, "did you mean 'silent'"),
        (without(DISCHARGE, "reach"), r"script\[0\]: key 'reach' is missing"),
        (DISCHARGE | {"flow": 1}, "unknown key 'flow'.*did you mean 'flow_m3_s'"),
        (DISCHARGE | {"start_s": "now"}, r"script\[0\].start_s: expected a finite number"),
        (DISCHARGE | {"start_s": True}, "start_s: expected a finite number"),
        (DISCHARGE | {"nh3n_mg_l": float("nan")}, "nh3n_mg_l: expected a finite number"),
        (DISCHARGE | {"nh3n_mg_l": -1}, "nh3n_mg_l -1.0 must not be negative"),
        (DISCHARGE | {"duration_s": 0}, "duration_s 0.0 must be positive"),
        (DISCHARGE | {"reach": 5}, "reach: expected str, got 5"),
        (SILENT | {"start_s": None}, "start_s: expected a finite number"),
        ("discharge", "expected a table"),
    ],
)
def test_script_errors_name_event_and_key(event: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        script_from([event])


def test_broken_toml_and_foreign_tables_are_named(tmp_path: Path) -> None:
    file = tmp_path / "night.toml"
    file.write_text("[[event", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"night\.toml"):
        load_script(file)
    file.write_text("[[events]]\nkind = 'silent'", encoding="utf-8")
    with pytest.raises(ConfigError, match="did you mean 'event'"):
        load_script(file)


def test_the_example_configuration_is_accepted() -> None:
    made = config_from(config("/tmp/x", script=[DISCHARGE, SILENT]))
    assert [station.code for station in made.stations] == ["B1", "B2", "B3"]
    assert made.river().script.discharges[0].reach == "U"


def station(**changes: Any) -> dict[str, Any]:
    return {"stations": [config("/tmp/x")["stations"][0] | changes]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sead": 7}, "unknown key 'sead'.*did you mean 'seed'"),
        ({"seed": 7.5}, "config.seed: expected int"),
        ({"reaches": []}, "stations.B1.reach: unknown reach 'U'"),
        ({"reaches": [{"code": "U"}]}, r"reaches\[0\]: key 'downstream' is missing"),
        ({"stations": {}}, "stations: expected a list of tables"),
        (station(reach="X"), "stations.B1.reach: unknown reach 'X'"),
        (station(position_m=9999), "stations.B1.position_m: 9999.0 is outside"),
        (station(code="a/b"), "must serve as a file name"),
        (station(probes=[]), "at least one"),
        (station(probes=[{"model": "Y505", "address": 1}]), "unknown probe model 'Y505'.*Y504"),
        (station(probes=[{"model": "Y504", "address": 0}]), "address 0 is outside 1..247"),
        (station(probes=[{"model": "Y504", "address": 1}] * 2), "address 1 occurs twice"),
        (station(probes=[{"model": "Y532", "address": 1, "k": 2}]), "nothing for Y532"),
        (station(faults={"drop_rate": 2}), r"stations\[0\].faults: drop_rate 2.0 is outside 0..1"),
        (station(faults={"drop": 2}), "unknown key 'drop'"),
        ({"stations": station()["stations"] * 2}, "stations: code B1 occurs twice"),
        ({"script": [SILENT | {"station": "B9"}]}, "station: unknown station 'B9'"),
        ({"script": [SILENT | {"model": "Y1"}]}, "model: unknown probe model 'Y1'"),
        ({"script": [DISCHARGE | {"reach": "Z"}]}, "discharge 0.reach: unknown reach 'Z'"),
        ({"clock": {"wall_s": 0, "river_s": 0, "factor": 1001}}, "clock: factor 1001.0"),
    ],
)
def test_configuration_errors_name_the_place(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        config_from(config("/tmp/x") | changes)


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.json"):
        load_config(tmp_path / "none.json")
    (tmp_path / "half.json").write_text(json.dumps(config("/tmp/x"))[:-5])
    with pytest.raises(ConfigError, match=r"half\.json"):
        load_config(tmp_path / "half.json")
