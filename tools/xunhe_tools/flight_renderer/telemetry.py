"""The telemetry that the flight's drone would have written: a DJI subtitle file, a MAVLink log."""

import struct
from datetime import datetime, timedelta
from math import nan

from pymavlink.dialects.v20 import ardupilotmega as dialect

from xunhe_tools.flight_renderer.flight import Flight
from xunhe_tools.flight_renderer.path import TruePose

_LOCAL = timedelta(hours=8)


def srt(flight: Flight, began_at: datetime, frames_per_s: float = 30.0) -> str:
    """Subtitles in the dialect of the Mavic 3 Enterprise, one a frame; times are local."""
    count = round(flight.path.lasts_s * frames_per_s) + 1
    return "\n".join(_subtitle(flight, i, i / frames_per_s, began_at) for i in range(count))


def tlog(flight: Flight, began_at: datetime, messages_per_s: float = 10.0) -> bytes:
    """Position and gimbal as a ground station keeps them; the autopilot started 60 s earlier."""
    log = []
    for i in range(round(flight.path.lasts_s * messages_per_s) + 1):
        time_s = i / messages_per_s
        at_us = round((began_at.timestamp() + time_s) * 1e6)
        log += [struct.pack(">Q", at_us) + said for said in messages(flight, time_s, at_us)]
    return b"".join(log)


def messages(flight: Flight, time_s: float, at_us: int) -> list[bytes]:
    """What its autopilot says at a time of the flight; `at_us` is that time by its clock."""
    writer = dialect.MAVLink(None, srcSystem=1, srcComponent=1)
    return [message.pack(writer) for message in _messages(flight, time_s, at_us)]


def _subtitle(flight: Flight, i: int, time_s: float, began_at: datetime) -> str:
    pose = flight.path.at(time_s)
    latitude, longitude = _degrees(flight, pose)
    local = (began_at + _LOCAL + timedelta(seconds=time_s)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return (
        f"{i + 1}\n{_stamp(time_s)} --> {_stamp(time_s + 1 / 30)}\n"
        f'<font size="28">FrameCnt: {i + 1}, DiffTime: 33ms\n{local}\n'
        f"[iso: 100] [shutter: 1/800.0] [fnum: 2.8] [ev: 0] [ct: 5200] [focal_len: 24.00] "
        f"[latitude: {latitude:.6f}] [longitude: {longitude:.6f}] "
        f"[rel_alt: {pose.up_m:.3f} abs_alt: {pose.up_m + 12:.3f}] "
        f"[gb_yaw: {_signed(pose.yaw_deg):.1f} gb_pitch: {pose.pitch_deg:.1f} "
        f"gb_roll: {pose.roll_deg:.1f}] </font>\n"
    )


def _messages(flight: Flight, time_s: float, at_us: int) -> list[dialect.MAVLink_message]:
    pose = flight.path.at(time_s)
    boot_ms = round((60 + time_s) * 1e3)
    latitude, longitude = _degrees(flight, pose)
    up_mm = round(pose.up_m * 1e3)
    yaw = _signed(pose.yaw_deg)
    return [
        dialect.MAVLink_system_time_message(at_us, boot_ms),
        dialect.MAVLink_gps_raw_int_message(0, 3, 0, 0, 0, 80, 100, 0, 0, 14, h_acc=900),
        dialect.MAVLink_mount_orientation_message(
            boot_ms, pose.roll_deg, pose.pitch_deg, nan, yaw or 1e-6
        ),
        dialect.MAVLink_global_position_int_message(
            boot_ms,
            round(latitude * 1e7),
            round(longitude * 1e7),
            up_mm + 12_000,
            up_mm,
            0,
            0,
            0,
            round(yaw % 360 * 100),
        ),
    ]


def _degrees(flight: Flight, pose: TruePose) -> tuple[float, float]:
    return flight.origin.degrees((pose.east_m, pose.north_m, pose.up_m))


def _stamp(time_s: float) -> str:
    millis = round(time_s * 1e3)
    minutes, millis = divmod(millis, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{millis // 1000:02d},{millis % 1000:03d}"


def _signed(angle_deg: float) -> float:
    return (angle_deg + 180) % 360 - 180
