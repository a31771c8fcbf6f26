"""Reading videos: times, sampling, rotation, and what is left of damaged ones."""

from pathlib import Path

import av
import numpy as np
import pytest

from xunhe_models.images import Frame, Reason, UnreadableError
from xunhe_models.videos import duration_s, read_video

FRAMES, RATE_HZ = 50, 25


def filmed(path: Path, codec: str = "libx264", frames: int = FRAMES, **container: str) -> Path:
    """Noise that drifts, 96 × 64; the blue of a frame tells its number: 4 a frame."""
    noise = np.random.default_rng(1).integers(0, 256, (64, 96, 3), np.uint8)
    with av.open(str(path), "w", options=container) as file:
        stream = file.add_stream(codec, rate=RATE_HZ, options={"g": "10"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.bit_rate = 4_000_000
        for number in range(frames):
            picture = np.roll(noise, 3 * number, axis=1)
            picture[:32, :48] = (0, 0, 4 * number)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode(None))
    return path


def read_until_trouble(
    path: Path, every_s: float = 0
) -> tuple[list[Frame], UnreadableError | None]:
    frames = []
    try:
        for frame in read_video(path, every_s):
            frames.append(frame)
    except UnreadableError as error:
        return frames, error
    return frames, None


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.avi", "mpeg4"), ("a.ts", "libx264")],
)
def test_every_frame_comes_with_its_number_and_time(tmp_path: Path, name: str, codec: str) -> None:
    path = filmed(tmp_path / f"河 {name}", codec)
    frames = list(read_video(path, 0))
    assert [frame.number for frame in frames] == list(range(FRAMES))
    assert [frame.time_s for frame in frames] == pytest.approx(
        np.arange(FRAMES) / RATE_HZ, abs=1e-3
    )
    blue = [float(frame.bgr[8:24, 8:40, 0].mean()) for frame in frames]
    assert blue == pytest.approx(4.0 * np.arange(FRAMES), abs=12)
    assert {(frame.width, frame.height, frame.bgr.shape) for frame in frames} == {
        (96, 64, (64, 96, 3))
    }
    assert duration_s(path) == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    ("every_s", "times"),
    [(0.5, [0, 0.52, 1, 1.52]), (0.3, [0, 0.32, 0.6, 0.92, 1.2, 1.52, 1.8]), (9, [0])],
)
def test_frames_are_taken_at_the_interval_without_drift(
    tmp_path: Path, every_s: float, times: list[float]
) -> None:
    path = filmed(tmp_path / "a.mp4")
    assert [frame.time_s for frame in read_video(path, every_s)] == pytest.approx(times)


def test_a_phone_held_upright_gives_upright_frames(tmp_path: Path) -> None:
    path = filmed(tmp_path / "a.mp4", frames=30)
    lying = bytes.fromhex("00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000")
    # The track's matrix (ISO 14496-12, 8.3.2) for a quarter turn clockwise: x' = -y, y' = x.
    turned = bytes.fromhex(
        "00000000 00010000 00000000 ffff0000 00000000 00000000 00400000 00000000"
    )
    film = path.read_bytes()
    track = film.index(b"tkhd")
    at = film.index(lying, track)
    path.write_bytes(film[:at] + turned + film[at + len(lying) :])
    frame = list(read_video(path, 0))[25]
    assert (frame.width, frame.height) == (64, 96)
    assert frame.bgr.shape == (96, 64, 3)
    # The plain patch was at the top left: now at the top right.
    assert frame.bgr[8:40, 40:56, 0].mean() == pytest.approx(100, abs=12)
    assert frame.bgr[8:40, 40:56].std(axis=(0, 1)).max() < 12


@pytest.mark.parametrize(
    ("name", "codec", "container"),
    [
        ("a.mp4", "libx264", {"movflags": "faststart"}),
        ("fragments.mp4", "libx264", {"movflags": "frag_keyframe+empty_moov"}),
        ("a.mkv", "libx264", {}),
        ("a.avi", "mpeg4", {}),
        ("a.ts", "libx264", {}),
    ],
)
def test_a_video_cut_off_gives_what_decodes_and_then_the_reason(
    tmp_path: Path, name: str, codec: str, container: dict[str, str]
) -> None:
    path = filmed(tmp_path / name, codec, **container)
    whole = read_until_trouble(path)
    assert len(whole[0]) == FRAMES
    assert whole[1] is None
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    frames, trouble = read_until_trouble(path)
    assert 0 < len(frames) < FRAMES
    assert trouble is not None
    assert trouble.reason in (Reason.TRUNCATED, Reason.DAMAGED)
    # A transport stream does not tell that its last picture is incomplete.
    for frame, intact in zip(frames[:-1], whole[0], strict=False):
        assert np.array_equal(frame.bgr, intact.bgr)


def test_a_hole_in_a_video_costs_its_frames_only(tmp_path: Path) -> None:
    path = filmed(tmp_path / "a.mp4", movflags="faststart")
    film = bytearray(path.read_bytes())
    middle = len(film) // 2
    film[middle : middle + 20_000] = bytes(20_000)
    path.write_bytes(film)
    frames, trouble = read_until_trouble(path)
    assert FRAMES - 15 < len(frames) < FRAMES
    assert frames[-1].time_s == pytest.approx(49 / RATE_HZ)
    assert trouble is not None
    assert trouble.reason is Reason.DAMAGED


def test_a_video_without_its_index_is_refused_with_a_hint(tmp_path: Path) -> None:
    path = filmed(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes()[:-300])
    frames, trouble = read_until_trouble(path)
    assert not frames
    assert trouble is not None
    assert "cut off" in str(trouble)
    assert duration_s(path) is None


def test_files_without_a_video_are_refused_by_name_of_the_trouble(tmp_path: Path) -> None:
    sound = tmp_path / "sound.mp4"
    with av.open(str(sound), "w") as file:
        stream = file.add_stream("aac", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        silence.sample_rate = 8000
        file.mux(stream.encode(silence))
        file.mux(stream.encode(None))
    empty, text = tmp_path / "empty.mp4", tmp_path / "text.mp4"
    empty.write_bytes(b"")
    text.write_text("not a video\n" * 100)
    for path, reason in (
        (sound, Reason.NO_PICTURES),
        (empty, Reason.EMPTY),
        (text, Reason.DAMAGED),
        (tmp_path / "none.mp4", Reason.NO_ACCESS),
    ):
        frames, trouble = read_until_trouble(path)
        assert not frames
        assert trouble is not None
        assert trouble.reason is reason


def test_a_title_in_gbk_does_not_stop_the_reading(tmp_path: Path) -> None:
    path = filmed(tmp_path / "a.mkv")
    film, title = path.read_bytes(), b"ENCODER"  # the name of an entry that FFmpeg writes
    assert title in film
    path.write_bytes(film.replace(title, "排污口".encode("gbk") + b"1"))
    with pytest.raises(UnicodeDecodeError):
        av.open(str(path))
    assert len(list(read_video(path, 0))) == FRAMES


@pytest.mark.parametrize("name", ["list.mp4", "list.m3u8"])
def test_a_play_list_opens_no_other_file(tmp_path: Path, name: str) -> None:
    secret = filmed(tmp_path / "secret.ts")
    (tmp_path / name).write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n"
    )
    frames, trouble = read_until_trouble(tmp_path / name)
    assert not frames
    assert trouble is not None
