"""Times of pictures: smooth where the network is not, right again after a jump."""

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from xunhe.adapters.camera.timeline import LiveTimeline, RecordedTimeline


def packet(pts_s: float | None, dts_s: float | None = None, is_discard: bool = False) -> Any:
    def ticks(seconds: float | None) -> int | None:
        return None if seconds is None else round(seconds * 90_000)

    dts_s = pts_s if dts_s is None else dts_s
    return SimpleNamespace(
        pts=ticks(pts_s), dts=ticks(dts_s), time_base=Fraction(1, 90_000), is_discard=is_discard
    )


def test_live_times_follow_the_stream_not_the_network() -> None:
    line = LiveTimeline()
    assert line.at(packet(100.0), 5000.0) == 5000.0
    assert line.at(packet(100.04), 5000.3) == pytest.approx(5000.04)
    assert line.at(packet(100.08), 5000.3) == pytest.approx(5000.08)


@pytest.mark.parametrize(
    ("jump_s", "is_believed"), [(9.9, True), (10.1, False), (-0.9, True), (-1.1, False)]
)
def test_a_jump_of_the_streams_times_lays_them_on_the_clock_anew(
    jump_s: float, is_believed: bool
) -> None:
    line = LiveTimeline()
    line.at(packet(100.0), 5000.0)
    shown_s = line.at(packet(100.0 + jump_s), 5020.0)
    assert shown_s == pytest.approx(5000.0 + jump_s if is_believed else 5020.0)


def test_no_picture_comes_from_the_future() -> None:
    line = LiveTimeline()
    for number in range(51):  # the server begins with a burst of the last two seconds
        line.at(packet(100 + number * 0.04), 5000.0 + number * 0.001)
    assert line.at(packet(102.04), 5000.09) == pytest.approx(5000.09)
    assert line.at(packet(103.04), 5001.12) == pytest.approx(5001.09)  # and is late no more


def test_a_packet_without_times_takes_the_clocks() -> None:
    line = LiveTimeline()
    assert line.at(packet(None), 5000.0) == 5000.0
    assert line.at(packet(0.04), 5000.1) == pytest.approx(5000.1)
    assert line.at(packet(None), 5000.2) == 5000.2
    assert line.at(packet(0.14), 5000.3) == pytest.approx(5000.2)


def test_a_picture_that_is_decoded_before_it_is_shown_keeps_its_place() -> None:
    line = LiveTimeline()
    assert line.at(packet(100.08, 100.0), 5000.0) == pytest.approx(5000.08)


def test_a_recording_begins_at_zero_and_asks_no_clock() -> None:
    line = RecordedTimeline(0.04)
    assert [line.at(packet(t), -1.0) for t in (700.0, 700.04, 760.0)] == pytest.approx(
        [0, 0.04, 60.0]
    )


def test_a_recording_whose_times_run_back_goes_on_where_it_was() -> None:
    line = RecordedTimeline(0.04)
    line.at(packet(50.0), 0)
    line.at(packet(53.0), 0)
    assert line.at(packet(1.0), 0) == pytest.approx(3.04)
    assert line.at(packet(1.04), 0) == pytest.approx(3.08)


def test_what_an_edited_file_cuts_off_lies_before_zero() -> None:
    line = RecordedTimeline(0.04)
    assert line.at(packet(-4.0, is_discard=True), 0) == pytest.approx(-4.0)
    assert line.at(packet(0.0), 0) == pytest.approx(0.0)


def test_recordings_of_a_folder_follow_one_another() -> None:
    line = RecordedTimeline(0.04)
    line.next_file(0.04)
    line.at(packet(9.0), 0)
    line.next_file(0.04)
    assert line.at(packet(5.0), 0) == pytest.approx(0.04)
