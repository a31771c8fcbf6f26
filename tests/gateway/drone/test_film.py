"""Chosen pictures of a film: the right ones, once each, and as few decoded as needed."""

from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from xunhe.adapters.camera.decoding import Counts
from xunhe.adapters.drone.film import Film, bgr
from xunhe_models.images import UnreadableError

FPS, KEY_EVERY, FRAMES = 10, 10, 60
BEGAN = "2026-05-01T02:00:00.000000Z"


def filmed(path: Path, b_frames: int = 0) -> Path:
    """Frame n has the grey 4 n."""
    options = {"preset": "ultrafast", "g": str(KEY_EVERY), "bf": str(b_frames), "crf": "10"}
    with av.open(str(path), "w") as container:
        container.metadata["creation_time"] = BEGAN
        stream = container.add_stream(
            "libx264", rate=FPS, width=64, height=48, options={**options, "sc_threshold": "0"}
        )
        for n in range(FRAMES):
            grey = np.full((48, 64, 3), 4 * n, np.uint8)
            container.mux(stream.encode(VideoFrame.from_ndarray(grey, format="bgr24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module", params=[0, 2], ids=["plain", "B frames"])
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Film:
    return Film.read(filmed(tmp_path_factory.mktemp("film") / "film.mp4", request.param))


def numbers(film: Film, times_s: list[float], counts: Counts | None = None) -> list[int]:
    """Which frames came, by their grey; each must have the time of its number."""
    found = []
    for time_s, picture in film.pictures(times_s, counts):
        # The way through the encoder's colours makes greys darker by about two.
        number = round((float(bgr(picture).mean()) + 2) / 4)
        assert time_s == pytest.approx(number / FPS, abs=0.011)
        found.append(number)
    return found


def test_a_film_says_how_long_it_is_and_where_its_key_frames_lie(film: Film) -> None:
    assert film.keys_s == pytest.approx([0, 1, 2, 3, 4, 5])
    assert film.lasts_s == pytest.approx(5.9)
    assert (film.width_px, film.height_px) == (64, 48)
    assert film.begun_at == datetime(2026, 5, 1, 2, 0, tzinfo=UTC)


def test_key_frames_alone_are_decoded_alone(film: Film) -> None:
    counts = Counts()
    assert numbers(film, [0.0, 2.0, 5.0], counts) == [0, 20, 50]
    assert counts.decoded == 3


def test_frames_between_key_frames_come_at_their_time(film: Film) -> None:
    assert numbers(film, [0.0, 0.5, 0.7, 3.0, 4.9, 5.9]) == [0, 5, 7, 30, 49, 59]


def test_a_picture_that_two_times_ask_for_comes_once(film: Film) -> None:
    assert numbers(film, [1.0, 1.001, 1.05]) in ([10], [10, 11])


def test_times_after_the_end_bring_nothing(film: Film) -> None:
    assert numbers(film, [5.5, 9.0]) == [55]


def test_nothing_asked_for_is_nothing_decoded(film: Film) -> None:
    counts = Counts()
    assert numbers(film, [], counts) == []
    assert counts.decoded == 0


def test_the_same_film_has_the_same_id_under_another_name(film: Film, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(film.path.read_bytes())
    assert Film.read(copy).id == film.id
    copy.write_bytes(film.path.read_bytes() + b"x")
    assert Film.read(copy).id != film.id


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"no film", b"\x00" * 5000):
        (tmp_path / "no.mp4").write_bytes(content)
        with pytest.raises(UnreadableError):
            Film.read(tmp_path / "no.mp4")


def test_a_film_that_was_cut_off_gives_what_it_has(tmp_path: Path) -> None:
    whole = filmed(tmp_path / "whole.mkv")
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    found = numbers(Film.read(cut), [0.0, 1.0, 2.0, 5.0])
    assert found[:3] == [0, 10, 20]
