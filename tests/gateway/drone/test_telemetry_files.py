"""GPX, photographs, and the command that reads any telemetry."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.gateway.drone.test_srt import BRACKETED
from xunhe.adapters.drone import telemetry_file
from xunhe.codecs import gpx
from xunhe.domain.pose import Measured
from xunhe.domain.telemetry import TelemetryError
from xunhe_tools.cli import app

GPX = """<?xml version="1.0"?>
<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="30.2" lon="119.2"><ele>7.5</ele><time>2026-05-01T02:00:10Z</time><hdop>2</hdop></trkpt>
<trkpt lat="30.1" lon="119.1"><time>2026-05-01T10:00:00+08:00</time></trkpt>
{more}
</trkseg></trk></gpx>
"""
runner = CliRunner()


def test_a_gpx_track_is_put_in_order_of_time() -> None:
    first, second = gpx.decode(GPX.format(more="")).poses
    assert first.instant == datetime(2026, 5, 1, 2, tzinfo=UTC)
    assert (first.lon_lat, second.time_s) == ((119.1, 30.1), 10.0)
    assert (first.position_sd_m, second.position_sd_m) == (5.0, 6.0)
    assert second.height_above_sea_m == Measured(7.5, 10.0)


def test_points_without_a_time_or_off_the_earth_are_told() -> None:
    more = (
        '<trkpt lat="1" lon="2"/><trkpt lat="99" lon="2"><time>2026-05-01T02:01:00Z</time></trkpt>'
    )
    telemetry = gpx.decode(GPX.format(more=more))
    assert len(telemetry.poses) == 2
    reasons = [one.reason_en for one in telemetry.refusals]
    assert reasons[0] == "1 points have no time"
    assert "not on the earth" in reasons[1]


@pytest.mark.parametrize("text", ["", "<gpx", "{}", '<gpx version="1.1" creator="t"/>'])
def test_what_is_no_track_is_refused(text: str) -> None:
    with pytest.raises(TelemetryError):
        gpx.decode(text)


def test_the_photographs_of_a_drone_say_where_it_was(shared_data: Path) -> None:
    (pose,) = telemetry_file.read(shared_data / "telemetry/dji_exif/DJI_0018.JPG").poses
    assert pose.latitude_deg == pytest.approx(46.842607, abs=1e-6)
    assert pose.longitude_deg == pytest.approx(-91.994560, abs=1e-6)
    assert pose.height_above_ground_m == Measured(39.8, 0.5)
    assert (pose.yaw_deg, pose.pitch_deg) == (Measured(45.0, 3.0), Measured(-89.9, 0.5))
    assert pose.horizontal_fov_deg is not None
    assert pose.horizontal_fov_deg.value == pytest.approx(81.7, abs=0.1)


def test_a_picture_without_a_position_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.jpg"
    Image.new("RGB", (8, 8)).save(path)
    with pytest.raises(TelemetryError, match="no position"):
        telemetry_file.read(path)


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    path.write_bytes(b"\xff\xd8\xff")
    with pytest.raises(TelemetryError, match="no picture"):
        telemetry_file.read(path)


def run(path: Path, *more: str) -> tuple[int, str]:
    result = runner.invoke(app, ["patrol", "telemetry", str(path), *more])
    return result.exit_code, result.stdout


def test_the_command_prints_poses_as_json(tmp_path: Path) -> None:
    path = tmp_path / "flight.SRT"
    path.write_text(BRACKETED)
    code, out = run(path, "--json", "--utc-offset-h", "0")
    told = json.loads(out)
    assert (code, told["dialect"], told["refused"]) == (0, "srt/bracketed", [])
    assert told["poses"][0]["instant"] == "2024-05-06T10:11:12.345000+00:00"
    assert told["poses"][0]["pitch_deg"] == {"value": -89.9, "sd": 0.5}


def test_the_command_tells_what_it_could_not_use_and_says_so_in_its_status(tmp_path: Path) -> None:
    path = tmp_path / "cut.srt"
    path.write_text(BRACKETED + "\n2\n00:00:01,000 --> 00:00:02,000\n[latitude: 3")
    code, out = run(path, "--json")
    assert code == 1
    assert json.loads(out)["refused"][0]["line"] == 9
    assert run(path)[0] == 1


@pytest.mark.parametrize("name", ["empty.srt", "empty.gpx", "empty.tlog", "empty.bin", "a.txt"])
def test_a_file_of_no_use_ends_in_two_with_a_reason(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.touch()
    code, out = run(path, "--json")
    told = json.loads(out)
    assert (code, told["poses"]) == (2, [])
    assert told["refused"][0]["reason_en"]
    assert run(path)[0] == 2


def test_a_file_that_is_not_there_ends_in_two(tmp_path: Path) -> None:
    assert run(tmp_path / "none.srt")[0] == 2
