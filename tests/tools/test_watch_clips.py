"""`xunhe watch` on the real clips: incidents with which a person would agree.

What is in them was written down by looking at single frames; no picture is part of the project.
What was found is left in build/test-report for people to look at.
"""

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tests.report import show
from tests.tools.test_watch import ZONES, read
from xunhe_tools.watch.command import watch

app = typer.Typer()
app.command()(watch)


def watched(tmp_path: Path, clip: Path, zones: str | None = None, code: int = 0) -> dict[str, Any]:
    target = tmp_path / "found.json"
    arguments = [str(clip), "--json", str(target)]
    if zones is not None:
        arguments += ["--zones", str(ZONES / f"{zones}.json")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == code, result.output
    show(clip.stem, target)
    return read(target)


def kinds(report: dict[str, Any]) -> set[tuple[str, str]]:
    return {(each["kind"], each["zone"]) for each in report["incidents"]}


def holds(box: list[float], x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def test_two_bottles_on_a_canal_are_one_incident(shared_data: Path, tmp_path: Path) -> None:
    report = watched(tmp_path, shared_data / "clips/ORCA-Uboat_scene2.gif", "orca")
    (litter,) = report["incidents"]
    assert (litter["kind"], litter["zone"]) == ("litter", "河面")
    assert litter["count"] >= 2
    assert litter["end_s"] is None


def test_the_flowing_pipe_is_found_and_the_dry_culvert_beside_it_is_not(
    shared_data: Path, tmp_path: Path
) -> None:
    report = watched(tmp_path, shared_data / "outfall/pipe_flow3.mp4", "pipe_flow3")
    assert ("discharge", "PIPE") in kinds(report)
    assert not any(zone == "CULVERT" for _, zone in kinds(report))
    discharge = next(each for each in report["incidents"] if each["zone"] == "PIPE")
    assert discharge["start_s"] < 5
    assert discharge["end_s"] is None, "it flows to the end"
    # A bicycle lies in the shallows; nothing else does.
    for litter in (each for each in report["incidents"] if each["kind"] == "litter"):
        assert all(holds(box[:4], 347 / 480, 237 / 270) for box in litter["boxes_at_peak"])


def test_white_water_below_a_gate_is_a_discharge(shared_data: Path, tmp_path: Path) -> None:
    report = watched(tmp_path, shared_data / "outfall/pipe_flow.mp4", "pipe_flow")
    assert kinds(report) == {("discharge", "GATE")}
    (discharge,) = report["incidents"]
    assert discharge["end_s"] is None


def test_one_bottle_on_a_lake_is_found_though_the_hand_shakes(
    shared_data: Path, tmp_path: Path
) -> None:
    report = watched(tmp_path, shared_data / "clips/zhang_bottle_lake_1.mp4", "zhang")
    litter = [each for each in report["incidents"] if each["kind"] == "litter"]
    assert litter
    assert litter[0]["count"] == 1
    assert litter[0]["start_s"] < 10


def test_a_clip_that_is_shorter_than_the_dwell_opens_nothing(
    shared_data: Path, tmp_path: Path
) -> None:
    # Its edit list shows 35 of the 139 frames in the file: that is no damage.
    report = watched(tmp_path, shared_data / "clips/T1_trim.mp4")
    assert report["incidents"] == []
    assert report["problems"] == []
    assert report["frames"] == 35
    assert report["seconds"] == pytest.approx(1.4, abs=0.1)
