"""DJI subtitles: every dialect, and what cannot be read."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xunhe.codecs.srt.poses import decode
from xunhe.domain.pose import Measured, Pose
from xunhe.domain.telemetry import TelemetryError

BRACKETED = """1
00:00:00,000 --> 00:00:00,033
<font size="28">FrameCnt: 1, DiffTime: 33ms
2024-05-06 10:11:12.345
[iso: 100] [focal_len: 24.00] [latitude: 30.318000] [longitude: 119.412000] \
[rel_alt: 60.100 abs_alt: 72.500] [gb_yaw: 12.5 gb_pitch: -89.9 gb_roll: 0.0] </font>
"""
HOME = """1
00:00:01,000 --> 00:00:02,000
HOME(149.0251,-20.2532) 2017.8.5 14:11:51
GPS(149.0251,-20.2533,16) {barometer}
ISO:100 Shutter:60 EV: Fnum:2.2
"""
LETTERS = """1
00:00:00,000 --> 00:00:01,000
F/5.6, SS 400, ISO 100, EV 0, GPS ({gps}, 15), HOME ({home}, -57.98m), D 698.70m, H 85.80m, \
H.S n/a, V.S 0.00m/s, F.PRY (2.7°, -7.0°, 110.1°), G.PRY (-24.4°, 0.5°, 110.4°)
"""
P4 = LETTERS.format(gps="-58.851745, -34.237922", home="-58.847509, -34.232707")


def pose(text: str) -> Pose:
    (found,) = decode(text).poses
    return found


def test_the_bracketed_dialect_gives_all_that_it_says() -> None:
    found = pose(BRACKETED)
    assert (found.latitude_deg, found.longitude_deg) == (30.318, 119.412)
    assert found.instant == datetime(2024, 5, 6, 2, 11, 12, 345_000, UTC)
    assert found.height_above_ground_m == Measured(60.1, 0.5)
    assert found.height_above_sea_m == Measured(72.5, 10.0)
    assert found.yaw_deg == Measured(12.5, 3.0)
    assert found.pitch_deg == Measured(-89.9, 0.5)
    assert found.horizontal_fov_deg is not None
    assert found.horizontal_fov_deg.value == pytest.approx(71.6, abs=0.1)


@pytest.mark.parametrize(
    ("written", "value"),
    [("24.00", 71.6), ("240", 71.6), ("280", 63.4), ("48.0", 39.6)],
)
def test_a_focal_length_is_read_in_millimetres_or_tenths(written: str, value: float) -> None:
    fov = pose(BRACKETED.replace("24.00", written)).horizontal_fov_deg
    assert fov is not None
    assert fov.value == pytest.approx(value, abs=0.1)


def test_a_digital_zoom_narrows_the_view() -> None:
    zoomed = BRACKETED.replace("[iso: 100]", "[dzoom_ratio: 20000, delta:0]")
    fov = pose(zoomed).horizontal_fov_deg
    assert fov is not None
    assert fov.value == pytest.approx(39.6, abs=0.1)


@pytest.mark.parametrize("barometer", ["BAROMETER:1.9", "Hb:1.9 Hs:1.8"])
def test_the_home_dialect_has_the_longitude_first(barometer: str) -> None:
    found = pose(HOME.format(barometer=barometer))
    assert (found.latitude_deg, found.longitude_deg) == (-20.2533, 149.0251)
    assert found.height_above_ground_m == Measured(1.9, 0.5)
    assert found.instant == datetime(2017, 8, 5, 6, 11, 51, tzinfo=UTC)


def test_a_latitude_that_is_written_first_is_known_by_the_other_number() -> None:
    swapped = HOME.format(barometer="Hb:1.9").replace("(149.0251,-20.2533", "(-20.2533,149.0251")
    swapped = swapped.replace("(149.0251,-20.2532", "(-20.2532,149.0251")
    telemetry = decode(swapped)
    assert telemetry.poses[0].longitude_deg == 149.0251
    assert "latitude first" in telemetry.notes[0]


def test_the_distance_from_home_decides_between_two_orders() -> None:
    assert "longitude first: fits" in decode(P4).notes[0]
    swapped = LETTERS.format(gps="-34.237922, -58.851745", home="-34.232707, -58.847509")
    telemetry = decode(swapped)
    assert "latitude first: fits" in telemetry.notes[0]
    assert telemetry.poses[0].latitude_deg == -34.237922


def test_the_gimbal_of_the_letters_dialect_is_pitch_roll_yaw() -> None:
    found = pose(P4)
    assert (found.yaw_deg, found.pitch_deg, found.roll_deg) == (
        Measured(110.4, 3.0),
        Measured(-24.4, 0.5),
        Measured(0.5, 0.5),
    )


def test_fewer_decimals_make_a_less_sure_position() -> None:
    assert pose(BRACKETED).position_sd_m == pytest.approx(1.5, abs=0.01)
    assert pose(HOME.format(barometer="Hb:1")).position_sd_m == pytest.approx(3.55, abs=0.01)


def test_without_time_lines_the_clock_gives_the_time_of_the_video() -> None:
    text = "\n\n".join(
        f"{i + 1}\n2017.08.05 14:11:{51 + i},393,525\n[latitude : -20.2] [longitude : 149.0]"
        for i in range(3)
    )
    assert [one.time_s for one in decode(text).poses] == [0.0, 1.0, 2.0]


def test_a_byte_order_mark_and_other_line_ends_change_nothing() -> None:
    assert decode("\ufeff" + BRACKETED.replace("\n", "\r\n")) == decode(BRACKETED)


def test_values_that_the_drone_did_not_have_are_none() -> None:
    text = HOME.format(barometer="Hb:1.9")
    lost = text.replace("149.0251,-20.2533", "N/A,N/A").replace("1\n00:00:01", "2\n00:00:02", 1)
    telemetry = decode(f"{text}\n{lost}")
    assert (len(telemetry.poses), telemetry.without_position) == (1, 1)
    assert telemetry.refusals == ()


REFUSED = [
    ("", 1, "empty"),
    ("\ufeff\n \n", 1, "empty"),
    ("1\n", 1, "cut off"),
    ("1\n00:00:00,000 --> 00:00:01,000\n", 2, "cut off"),
    ("1\n00:00:00,000 --> 00:0\n[latitude: 1] [longitude: 2]", 2, "time line"),
    ("1\n00:00:00,000 --> 00:00:01,000\nhello", 3, "no telemetry"),
    (BRACKETED[: BRACKETED.index("119.41")], 3, "cut off"),
    (BRACKETED.replace("[longitude: 119.412000]", ""), 3, "without the other"),
    (BRACKETED.replace("30.318000", "130.318"), 1, "not on the earth"),
    (BRACKETED.replace("2024-05-06", "2024-13-06"), 3, "no such date"),
    (BRACKETED.replace("2024-05-06 10", "0001-01-01 01"), 1, "no such year"),
    ("GPS(1.0,2.0,3)", 1, "number is missing"),
    ("1\n00:00:00,000 --> 00:00:01,000\nHOME(1.0,2.0) 2017.07.03 10:15:22", 3, "without GPS"),
    ("1\n00:00:00,000 --> 00:00:01,000\nGPS(1.0,x,3)", 3, "no number"),
    ("1\n00:00:00,000 --> 00:00:01,000\nGPS(1.0)", 3, "fewer than two"),
    ("1\n00:00:00,000 --> 00:00:01,000\nGPS(1.0, 2.", 3, "cut off"),
    ("1\n00:00:00,000 --> 00:00:01,000\n[iso: 100]", 1, "none of the 1"),
]


@pytest.mark.parametrize(("text", "line", "reason"), REFUSED)
def test_what_cannot_be_read_is_refused_with_its_line_and_reason(
    text: str, line: int, reason: str
) -> None:
    with pytest.raises(TelemetryError) as caught:
        decode(text)
    first = caught.value.refusals[0]
    assert first.line == line
    assert reason in first.reason_en


def test_a_cut_end_loses_only_itself() -> None:
    telemetry = decode(f"{BRACKETED}\n2\n00:00:00,033 --> 00:00:00,066\n[latitude: 30.3] [longi")
    assert len(telemetry.poses) == 1
    assert [one.line for one in telemetry.refusals] == [9]


def test_time_that_goes_back_is_refused() -> None:
    later = BRACKETED.replace("00:00:00,000 -->", "00:00:09,000 -->")
    telemetry = decode(f"{later}\n{BRACKETED}")
    assert [one.time_s for one in telemetry.poses] == [9.0]
    assert "goes back" in telemetry.refusals[0].reason_en


SAMPLES = {
    "MAVIC3.srt": (12_318, 0, 0),
    "air2s.srt": (17, 0, 0),
    "broken_incomplete.SRT": (19, 0, 1),
    "m2zoom.SRT": (7_113, 0, 0),
    "mavic_2_style.SRT": (468, 0, 0),
    "mavic_2pro_new.SRT": (8_952, 0, 0),
    "mavic_mini.SRT": (117, 0, 0),
    "mavic_pro.SRT": (468, 0, 0),
    "mavic_pro_buggy.SRT": (530, 16, 0),
    "old_format.SRT": (468, 0, 0),
    "p4_rtk.SRT": (55, 0, 0),
    "p4p_sample.SRT": (5, 0, 0),
}
REFUSED_SAMPLES = {"broken_empty2.SRT": 1, "mavic_air.SRT": 1}


def sample(shared_data: Path, name: str) -> str:
    return (shared_data / "telemetry/dji_srt" / name).read_text("utf-8")


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_of_a_drone_is_read(name: str, shared_data: Path) -> None:
    telemetry = decode(sample(shared_data, name))
    found = (len(telemetry.poses), telemetry.without_position, len(telemetry.refusals))
    assert found == SAMPLES[name]


@pytest.mark.parametrize("name", REFUSED_SAMPLES)
def test_a_sample_without_positions_is_refused_with_its_line(name: str, shared_data: Path) -> None:
    with pytest.raises(TelemetryError) as caught:
        decode(sample(shared_data, name))
    assert caught.value.refusals[0].line == REFUSED_SAMPLES[name]


def test_two_dialects_of_one_flight_agree(shared_data: Path) -> None:
    one, other = (decode(sample(shared_data, name)) for name in ("mavic_pro.SRT", "old_format.SRT"))
    assert [pose.lon_lat for pose in one.poses] == [pose.lon_lat for pose in other.poses]


coordinates = st.tuples(
    st.floats(-89.9, 89.9, allow_nan=False), st.floats(-179.9, 179.9, allow_nan=False)
)


@given(coordinates, st.floats(-500, 9000), st.floats(-180, 180), st.floats(-120, 40))
def test_what_is_written_is_read_back(
    place: tuple[float, float], height_m: float, yaw_deg: float, pitch_deg: float
) -> None:
    latitude, longitude = place
    found = pose(
        "1\n00:00:00,000 --> 00:00:00,033\n"
        f"[latitude: {latitude:.6f}] [longitude: {longitude:.6f}] [rel_alt: {height_m:.3f} "
        f"abs_alt: 1.0] [gb_yaw: {yaw_deg:.1f} gb_pitch: {pitch_deg:.1f} gb_roll: 0.0]"
    )
    assert found.latitude_deg == pytest.approx(latitude, abs=1e-6)
    assert found.longitude_deg == pytest.approx(longitude, abs=1e-6)
    assert found.height_above_ground_m is not None
    assert found.height_above_ground_m.value == pytest.approx(height_m, abs=1e-3)
    assert found.yaw_deg is not None
    assert found.yaw_deg.value == pytest.approx(yaw_deg, abs=0.06)


def check(text: str) -> None:
    """Poses or a reason with its line: nothing else may come of any text."""
    poses: tuple[Pose, ...] = ()
    try:
        telemetry = decode(text)
    except TelemetryError as error:
        refusals = error.refusals
    else:
        poses, refusals = telemetry.poses, telemetry.refusals
    assert poses or refusals
    assert all(one.line is not None and one.reason_en for one in refusals)
    times = [one.time_s for one in poses]
    assert times == sorted(times)


@given(st.text(max_size=300))
@example("1\n0001.01.01 00:00:00\n[latitude:1][longitude:2]")
def test_any_text_gives_poses_or_a_line_and_reason(text: str) -> None:
    check(text)


@given(st.sampled_from([BRACKETED, HOME, P4]), st.data())
def test_every_prefix_gives_poses_or_a_line_and_reason(text: str, data: st.DataObject) -> None:
    check(text[: data.draw(st.integers(0, len(text)))])


_ALPHABET = "0123456789.,:-+[]()<>/ \nNnAaGPSHOMEDlatitude°\ufeff\x00中"


def mutated(lines: int, seed: int) -> Iterator[str]:
    """Files of about a hundred lines, with a change or two in every line."""
    draw = random.Random(seed)
    seeds = [
        text.split("\n") for text in (BRACKETED, HOME.format(barometer="BAROMETER:1.9"), P4, HOME)
    ]
    for _ in range(lines // 100):
        whole = [line for _ in range(20) for line in draw.choice(seeds)][:100]
        yield "\n".join(_mutated_line(line, draw) for line in whole)


def _mutated_line(line: str, draw: random.Random) -> str:
    signs = list(line)
    for _ in range(draw.randint(1, 2)):
        at = draw.randint(0, len(signs))
        what = draw.random()
        if what < 0.4:
            signs[at : at + 1] = [draw.choice(_ALPHABET)]
        elif what < 0.7:
            signs[at:at] = [draw.choice(_ALPHABET)] * draw.choice((1, 1, 40))
        else:
            del signs[at : at + draw.choice((1, 1, 8))]
    return "".join(signs)


def test_a_hundred_thousand_mutated_lines_crash_nothing() -> None:
    for text in mutated(100_000, seed=1):
        check(text)


@pytest.mark.slow
def test_a_million_mutated_lines_crash_nothing() -> None:
    for text in mutated(1_000_000, seed=2):
        check(text)
