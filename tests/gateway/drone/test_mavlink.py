"""MAVLink: logs and live frames as poses, beside pymavlink's own readers."""

import json
import math
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega as dialect

from tests.gateway.conftest import StandingClock
from tests.gateway.drone.autopilot import Autopilot, flash_log, tlog
from xunhe.adapters.drone.live_mavlink import LiveMavlink
from xunhe.codecs.mavlink.logs import decode_bin, decode_tlog
from xunhe.codecs.mavlink.messages import camera_angles
from xunhe.domain.pose import Measured
from xunhe.domain.telemetry import TelemetryError

DRONE = Autopilot()
HALF = math.sqrt(0.5)


def flight() -> list[bytes]:
    """Two positions of a drone with a heading, a gimbal, a fix and a clock."""
    fix = dialect.MAVLink_gps_raw_int_message(0, 3, 0, 0, 0, 100, 100, 0, 0, 9, h_acc=800)
    attitude = dialect.MAVLink_attitude_message(1000, 0, 0, math.radians(30), 0, 0, 0)
    gimbal = dialect.MAVLink_mount_orientation_message(1000, 1.0, -45.0, 10.0, 41.0)
    return [
        DRONE.clock(1000, 1_800_000_000_000_000),
        DRONE.pack(fix),
        DRONE.pack(attitude),
        DRONE.pack(gimbal),
        DRONE.position(1000, 30.318, 119.412),
        DRONE.position(1200, 30.319, 119.413),
    ]


def test_a_log_of_a_ground_station_gives_poses() -> None:
    telemetry = decode_tlog(tlog(flight()))
    first, second = telemetry.poses
    assert (first.latitude_deg, first.longitude_deg) == (30.318, 119.412)
    assert first.instant == datetime.fromtimestamp(1_800_000_000, UTC)
    assert second.time_s == pytest.approx(0.2)
    assert first.position_sd_m == pytest.approx(0.8)
    assert first.height_above_ground_m == Measured(60.0, 0.5)
    assert first.height_above_sea_m == Measured(72.0, 5.0)
    assert first.yaw_deg == Measured(41.0, 3.0)
    assert first.pitch_deg == Measured(-45.0, 0.5)
    assert second.pitch_deg is not None
    assert second.pitch_deg.sd > 0.5  # it is 0.2 s old


def test_a_gimbal_that_counts_from_the_airframe_is_turned_to_north() -> None:
    frames = flight()
    frames[3] = DRONE.pack(
        dialect.MAVLink_mount_orientation_message(1000, 0.0, -45.0, 10.0, math.nan)
    )
    yaw = decode_tlog(tlog(frames)).poses[0].yaw_deg
    assert yaw is not None
    assert yaw.value == pytest.approx(40.0, abs=1e-3)


def test_an_attitude_of_long_ago_is_not_the_present_one() -> None:
    frames = [*flight(), DRONE.position(5000, 30.32, 119.414)]
    assert decode_tlog(tlog(frames)).poses[-1].pitch_deg is None


def test_a_range_finder_that_looks_down_gives_the_height_above_ground() -> None:
    down = dialect.MAVLink_distance_sensor_message(1000, 20, 9000, 5870, 0, 0, 25, 0)
    aside = dialect.MAVLink_distance_sensor_message(1000, 20, 9000, 300, 0, 0, 0, 0)
    frames = [DRONE.pack(down), DRONE.pack(aside), *flight()]
    assert decode_tlog(tlog(frames)).poses[0].height_above_ground_m == Measured(58.7, 0.2)


def test_a_position_that_comes_late_is_put_in_its_place_and_comes_once() -> None:
    late = DRONE.position(1100, 30.3185, 119.4125)
    frames = [*flight(), late, late]
    assert [one.time_s for one in decode_tlog(tlog(frames)).poses] == pytest.approx([0, 0.1, 0.2])


def test_what_comes_after_a_restart_of_the_autopilot_is_told_as_refused() -> None:
    frames = [DRONE.position(60_000, 30.3, 119.4), DRONE.position(1_000, 30.3, 119.4)]
    telemetry = decode_tlog(tlog(frames))
    assert len(telemetry.poses) == 1
    assert "restarted" in telemetry.refusals[0].reason_en


def test_another_drone_in_the_same_log_is_not_mixed_in() -> None:
    frames = [*flight(), Autopilot(system=7).position(1300, 10.0, 20.0)]
    assert len(decode_tlog(tlog(frames)).poses) == 2


def test_damage_costs_only_the_frames_that_it_hits_and_is_told() -> None:
    log = bytearray(tlog(flight()))
    hit = log.index(flight()[4])
    log[hit + 12] ^= 0xFF
    telemetry = decode_tlog(bytes(log))
    assert len(telemetry.poses) == 1
    assert [one.offset for one in telemetry.refusals] == [hit - 8]


@given(st.integers(0, len(tlog(flight()))))
def test_a_log_that_is_cut_off_anywhere_gives_what_came_before(end: int) -> None:
    log = tlog(flight())
    whole = sum(end >= log.index(frame) + len(frame) for frame in flight()[4:])
    if whole == 0:
        with pytest.raises(TelemetryError):
            decode_tlog(log[:end])
    else:
        assert len(decode_tlog(log[:end]).poses) == whole


@given(st.binary(max_size=400))
def test_any_bytes_give_poses_or_a_reason(data: bytes) -> None:
    for decode in (decode_tlog, decode_bin):
        with pytest.raises(TelemetryError):
            decode(data)


def peer(script: str, path: Path) -> Any:
    """What pymavlink's own reader says; a process of its own: part of it is GPL."""
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


TLOG_PEER = """
import json, sys
from pymavlink import mavutil
log, found = mavutil.mavlink_connection(sys.argv[1]), []
while (message := log.recv_match(type="GLOBAL_POSITION_INT")) is not None:
    if (message.lat, message.lon) != (0, 0):
        found.append([message.time_boot_ms, message.lat / 1e7, message.lon / 1e7])
print(json.dumps(found))
"""
BIN_PEER = """
import json, sys
from pymavlink import DFReader
log, found = DFReader.DFReader_binary(sys.argv[1]), []
while (message := log.recv_match(type=["POS", "ATT"])) is not None:
    if message.get_type() == "POS":
        found.append([message.TimeUS, message.Lat, message.Lng, message.Alt, message.RelHomeAlt])
    else:
        found.append([message.TimeUS, message.Yaw])
print(json.dumps(found))
"""


def test_a_real_log_gives_the_positions_that_pymavlink_reads(shared_data: Path) -> None:
    path = shared_data / "telemetry/mavlink/vtol.tlog"
    telemetry = decode_tlog(path.read_bytes())
    expected = {time: (lat, lon) for time, lat, lon in peer(TLOG_PEER, path)}
    begin = min(expected)
    found = {round(one.time_s * 1e3) + begin: one.lon_lat[::-1] for one in telemetry.poses}
    assert found == expected
    assert telemetry.refusals == ()


ROWS: list[tuple[str, tuple[float, ...]]] = [
    ("GPS", (1_000_000, 4, 3_600_000, 2400, 11)),
    ("GPA", (1_000_000, 150, 90)),
    ("ATT", (1_000_000, -150, 200, 27_005)),
    ("MNT", (1_000_000, 0, 0.5, -60.0, 12.0, math.nan, 0.0, 0.0)),
    ("POS", (1_100_000, 303_180_000, 1_194_120_000, 72.25, 60.5)),
    ("RFND", (1_150_000, 0, 5_900, 4, 25)),
    ("POS", (1_200_000, 303_190_000, 1_194_130_000, 72.5, 60.75)),
]


def test_a_flash_log_gives_poses_that_pymavlink_reads_too(tmp_path: Path) -> None:
    path = tmp_path / "flight.bin"
    path.write_bytes(flash_log(ROWS))
    first, second = decode_bin(path.read_bytes()).poses
    attitude, *positions = peer(BIN_PEER, path)
    assert [one.time_s for one in (first, second)] == [0.0, pytest.approx(0.1)]
    for found, (_, lat, lon, above_sea, above_home) in zip((first, second), positions, strict=True):
        assert found.lon_lat == (pytest.approx(lon, abs=1e-9), pytest.approx(lat, abs=1e-9))
        assert found.height_above_sea_m == Measured(above_sea, 5.0)
        assert above_home in (60.5, 60.75)
    assert first.height_above_ground_m == Measured(60.5, 0.5)
    assert second.height_above_ground_m == Measured(59.0, 0.2)
    assert first.yaw_deg is not None
    assert first.yaw_deg.value == pytest.approx((attitude[1] + 12.0) % 360)
    assert first.position_sd_m == pytest.approx(0.9)
    # GPS week 2400, one hour, eighteen leap seconds; a tenth of a second after the fix.
    assert first.instant == datetime(2026, 1, 4, 0, 59, 42, 100_000, UTC)


def test_damage_of_a_flash_log_is_stepped_over_and_told() -> None:
    log = flash_log(ROWS)
    telemetry = decode_bin(log[:-20] + b"\0" * 30 + log[-32:])
    assert len(telemetry.poses) >= 1
    assert telemetry.refusals


@pytest.mark.parametrize(
    ("q", "angles"),
    [
        ((1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
        ((HALF, 0.0, 0.0, HALF), (90.0, 0.0, 0.0)),
        ((math.cos(math.pi / 8), 0.0, -math.sin(math.pi / 8), 0.0), (0.0, -45.0, 0.0)),
        ((HALF, 0.0, -HALF, 0.0), (0.0, -90.0, 0.0)),
        ((0.5, 0.5, -0.5, 0.5), (90.0, -90.0, 0.0)),
    ],
)
def test_a_quaternion_gives_the_angles_of_the_camera(
    q: tuple[float, float, float, float], angles: tuple[float, float, float]
) -> None:
    assert camera_angles(q) == pytest.approx(angles, abs=1e-6)


def test_live_frames_become_poses_with_the_gateways_clock(clock: StandingClock) -> None:
    live = LiveMavlink("127.0.0.1", 0, clock)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        for datagram in (b"noise", b"".join(flight()[2:5]), Autopilot(7).position(1, 9.0, 9.0)):
            sender.sendto(datagram, ("127.0.0.1", live.port))
        found = [pose for _ in range(3) for pose in live.poses(wait_s=5)]
        assert list(live.poses(wait_s=0.01)) == []
    finally:
        sender.close()
        live.close()
    assert [(one.latitude_deg, one.instant) for one in found] == [(30.318, clock.at)]
    assert live.refused == 1
