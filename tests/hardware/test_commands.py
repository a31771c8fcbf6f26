"""`xunhe hardware …` as its user types it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xunhe_tools.cli import app


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["hardware", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_power_says_that_it_is_calculated_and_whether_it_holds(tmp_path: Path) -> None:
    plot = tmp_path / "plot.svg"
    shown = run("power", "--city", "chongqing", "--svg", str(plot))
    assert "计算值，不是实测" in shown
    assert "不低于 30 %" in shown
    assert "重庆 Chongqing" in plot.read_text("utf-8")


def test_power_that_does_not_hold_says_what_must_change() -> None:
    shown = run(
        "power", "--city", "chongqing", "--panel-w", "10", "--interval-s", "300", "--years", "5"
    )
    assert "须改为" in shown


def test_power_takes_a_buoys_counters() -> None:
    words = ("power", "--city", "hangzhou", "--json", "--years", "1")
    bench = json.loads(run(*words))["hangzhou"]["months"][6]["load_wh"]
    longer = json.loads(run(*words, "--wakes", "96", "--awake-s", "11520"))
    assert longer["hangzhou"]["months"][6]["load_wh"] > bench


def test_a_wrong_climate_file_is_told_and_nothing_is_shown(tmp_path: Path) -> None:
    missing = CliRunner().invoke(app, ["hardware", "power", "--climate", str(tmp_path / "no.csv")])
    assert missing.exit_code == 2
    assert "no.csv" in missing.output


def test_buoy_gives_formula_and_mesh_side_by_side() -> None:
    found = json.loads(run("buoy", "--json"))
    assert found["gm_m"] == pytest.approx(found["gm_by_mesh_m"], rel=0.01)
    assert found["freeboard_m"] > 0.15


def test_a_hull_too_small_is_refused() -> None:
    refused = CliRunner().invoke(app, ["hardware", "buoy", "--diameter-m", "0.4"])
    assert refused.exit_code == 2
    assert "sink the hull" in refused.output


def test_camera_lists_things_and_where_to_point() -> None:
    shown = run("camera")
    assert "俯角 tilt" in shown
    assert "勉强 marginal" in shown
    assert "…" not in shown  # nothing is cut off on eighty columns
    found = json.loads(run("camera", "--json", "--far-m", "25"))
    assert found["far_m"] == 25


def test_a_camera_in_the_water_is_refused() -> None:
    refused = CliRunner().invoke(app, ["hardware", "camera", "--height-m", "0"])
    assert refused.exit_code == 2
