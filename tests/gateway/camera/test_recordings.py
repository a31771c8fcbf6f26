"""Recordings: what decodes is given, the same each time; what is lost is said at the end."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.gateway.camera.conftest import CODECS, SETTINGS, Watched, watch
from tests.gateway.camera.films import drawn, film
from xunhe.adapters.camera.trouble import Trouble
from xunhe.vision.view import View

Films = Callable[[str, str], Path]
_BESIDE = Path(__file__).parents[4] / "shared/data"


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("suffix", ["mp4", "ts", "flv"])
def test_every_frame_of_a_whole_recording_comes_in_order(
    films: Films, codec: str, suffix: str
) -> None:
    seen = watch(films(codec, suffix))
    assert seen.error is None
    assert seen.times_s == pytest.approx([number / 25 for number in range(75)], abs=2e-3)
    assert (seen.counts.packets, seen.counts.decoded, seen.counts.damaged) == (75, 75, 0)
    difference = np.abs(seen.pictures[40].astype(int) - drawn(40, (320, 180)))
    assert np.median(difference) < 4


@pytest.mark.parametrize("codec", CODECS)
def test_when_idle_only_key_frames_are_decoded(films: Films, codec: str) -> None:
    seen = watch(films(codec, "mp4"), every_frame=lambda: False)
    assert seen.times_s == pytest.approx([0, 1, 2])
    assert seen.keys == [True] * 3
    assert (seen.counts.decoded, seen.counts.skipped) == (3, 72)
    assert seen.counts.key_interval_s == pytest.approx(1)


@pytest.mark.parametrize("codec", CODECS)
def test_every_frame_begins_again_at_a_key_frame(films: Films, codec: str) -> None:
    """A frame that leans on one that was skipped would be grey."""
    asked: list[int] = []

    def every_frame() -> bool:  # from packet 10 to 35 on, then key frames, again from 60
        asked.append(len(asked))
        return 10 <= asked[-1] < 35 or asked[-1] >= 60

    seen = watch(films(codec, "ts"), every_frame)
    numbers = [round(time_s * 25) for time_s in seen.times_s]
    assert numbers[0] == 0
    assert numbers[1:9] == list(range(25, 33))
    assert numbers[-1] == 50
    for number, picture in zip(numbers, seen.pictures, strict=True):
        assert np.median(np.abs(picture.astype(int) - drawn(number, (320, 180)))) < 4


def test_the_same_recording_gives_the_same_views(films: Films) -> None:
    once, again = (watch(films("h265", "mp4"), clock_s=lambda: 1e9) for _ in range(2))
    assert once.times_s == again.times_s
    assert all(map(np.array_equal, once.lumas, again.lumas))


@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p", "yuv444p", "yuv420p10le"])
def test_the_luma_is_that_of_the_picture_whatever_the_pixel_format(
    tmp_path: Path, pixels: str
) -> None:
    seen = watch(film(tmp_path / "a.mp4", frames=2, size_px=(322, 182), pixels=pixels))
    assert seen.lumas[0].shape == (90, 160)
    assert seen.lumas[0].dtype == np.uint8
    assert seen.pictures[0].shape == (182, 322, 3)
    patch, water = seen.lumas[1][30, 12], seen.lumas[1][70, 100]
    assert patch > water + 50


def test_a_picture_smaller_than_the_gate_keeps_its_size(tmp_path: Path) -> None:
    seen = watch(film(tmp_path / "small.mp4", frames=2, size_px=(96, 64)))
    assert seen.lumas[0].shape == (64, 96)


def test_the_picture_is_made_only_when_it_is_asked_for_and_once(
    films: Films, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xunhe.adapters.camera.address import Address
    from xunhe.adapters.camera.source import CameraSource

    source = CameraSource(Address.parse(str(films("h264", "mp4"))), SETTINGS, lambda: 0.0)
    views: list[View] = [arrived.view for arrived in source.frames(lambda: True)]
    assert views[5].picture() is views[5].picture()
    # A view outlives its connection.
    assert np.median(np.abs(views[70].picture().astype(int) - drawn(70, (320, 180)))) < 4


def test_flipped_bits_are_counted_and_the_rest_is_shown(films: Films, tmp_path: Path) -> None:
    data = bytearray(films("h264", "ts").read_bytes())
    for place in np.random.default_rng(1).integers(4000, len(data), 40):
        data[place] ^= 1 << (place % 8)
    damaged = tmp_path / "flipped.ts"
    damaged.write_bytes(data)
    seen = watch(damaged)
    assert len(seen.times_s) > 50
    assert seen.counts.damaged > 0
    assert seen.error is not None
    assert seen.error.kind is Trouble.DAMAGED


@pytest.mark.parametrize("is_every", [True, False])
def test_noise_in_place_of_video_never_ends_the_watching_otherwise_than_by_a_named_error(
    films: Films, tmp_path: Path, is_every: bool
) -> None:
    whole = films("h265", "ts").read_bytes()
    random = np.random.default_rng(7)
    for seed in range(6):
        data = bytearray(whole)
        start = int(random.integers(0, len(data)))
        data[start : start + 3000] = random.bytes(len(data[start : start + 3000]))
        noisy = tmp_path / f"{seed}.ts"
        noisy.write_bytes(data)
        seen = watch(noisy, every_frame=lambda: is_every)
        assert seen.error is None or seen.error.kind in {Trouble.DAMAGED, Trouble.CHANGED}
        assert seen.times_s == sorted(set(seen.times_s))


def test_a_recording_that_was_cut_off_gives_what_is_in_it(films: Films, tmp_path: Path) -> None:
    short = tmp_path / "short.ts"
    short.write_bytes(films("h264", "ts").read_bytes()[:15_000])
    assert 20 < len(watch(short).times_s) < 75


def test_a_recording_without_its_index_is_named_as_damaged(films: Films, tmp_path: Path) -> None:
    headless = tmp_path / "headless.mp4"
    headless.write_bytes(films("h264", "mp4").read_bytes()[:3000])
    seen = watch(headless)
    assert seen.error is not None
    assert seen.error.kind is Trouble.DAMAGED
    assert "headless.mp4" in str(seen.error)


def test_an_edited_recording_shows_what_its_edit_list_shows() -> None:
    clip = Path(os.environ.get("XUNHE_DATA", _BESIDE)) / "clips/T1_trim.mp4"
    if not clip.is_file():
        pytest.skip(f"no {clip}: set XUNHE_DATA to the folder of the real data")
    seen = watch(clip)
    assert len(seen.times_s) == 35  # of 139 in the file: the others lie before its cut
    assert seen.times_s[0] == 0


def test_a_size_change_ends_a_recording_with_its_name(tmp_path: Path) -> None:
    small, large = film(tmp_path / "1.ts"), film(tmp_path / "2.ts", size_px=(640, 360))
    both = tmp_path / "both.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    seen = watch(both)
    assert_changed(seen)
    assert len(seen.times_s) >= 74


def test_a_folder_is_watched_by_name_as_one_recording(films: Films, tmp_path: Path) -> None:
    for name in ("2.flv", "1.flv"):
        (tmp_path / name).write_bytes(films("h264", "flv").read_bytes())
    (tmp_path / "notes.txt").write_text("no video")
    seen = watch(tmp_path)
    assert seen.error is None
    assert seen.times_s == pytest.approx([number / 25 for number in range(150)], abs=2e-3)


def test_an_unreadable_file_in_a_folder_is_said_after_the_others(
    films: Films, tmp_path: Path
) -> None:
    (tmp_path / "1.mp4").write_bytes(b"no video at all" * 100)
    (tmp_path / "2.mp4").write_bytes(films("h264", "mp4").read_bytes())
    seen = watch(tmp_path)
    assert len(seen.times_s) == 75
    assert seen.error is not None
    assert seen.error.kind is Trouble.DAMAGED
    assert "1.mp4" in seen.error.detail


def test_recordings_of_two_sizes_in_a_folder_are_not_one_camera(tmp_path: Path) -> None:
    film(tmp_path / "1.mp4", frames=5)
    film(tmp_path / "2.mp4", frames=5, size_px=(640, 360))
    assert_changed(watch(tmp_path))


@pytest.mark.parametrize("name", ["missing.mp4", ""])
def test_a_missing_recording_or_an_empty_folder_is_not_found(tmp_path: Path, name: str) -> None:
    seen = watch(tmp_path / name)
    assert seen.error is not None
    assert seen.error.kind is Trouble.NOT_FOUND


def test_a_missing_usb_camera_is_not_found() -> None:
    seen = watch("/dev/video97")
    assert seen.error is not None
    assert seen.error.kind is Trouble.NOT_FOUND


def assert_changed(seen: Watched) -> None:
    assert seen.error is not None
    assert seen.error.kind is Trouble.CHANGED
    assert "320×180 → 640×360" in seen.error.detail
