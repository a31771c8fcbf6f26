"""The bench's own parts: its truth, its streams, its peer. No figure is judged here."""

import io
from importlib.resources import files
from itertools import islice
from pathlib import Path

import av
import pytest

from xunhe_tools.bench.vision import footage, load, script_of_today
from xunhe_tools.bench.vision.street import Clip

SECONDS = 24.0
DEBRIS = Path(str(files("xunhe_models"))) / "shipped/debris.onnx"


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> footage.Footage:
    """A thing that begins to drift at once, in a few small frames."""
    path = tmp_path_factory.mktemp("bench") / "clip.mp4"
    small = footage.Film(320, 180, 2)
    return footage._filmed(path, small, 3, [0.0], SECONDS, lambda _: None)


def test_a_thing_appears_when_it_is_wholly_in_the_picture(filmed: footage.Footage) -> None:
    (appears_s,) = filmed.appears_s
    assert 0 < appears_s < SECONDS


def test_a_clip_becomes_a_stream_that_goes_on_after_its_end(filmed: footage.Footage) -> None:
    clip = Clip.read(filmed.path)
    frames = len(clip.frames)
    assert frames == SECONDS * 2
    assert clip.keys[0] == 0
    chunks = list(islice(clip.stream(clip.keys[1], frames), frames + 10))
    assert [time_s for time_s, _ in chunks[:3]] == pytest.approx([0, 0.5, 1.0])
    stream = b"".join(data for _, data in chunks)
    with av.open(io.BytesIO(stream), format="mpegts") as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert len(times) >= frames + 5
    assert times == sorted(times)


def test_the_script_of_today_reads_every_frame_and_runs_the_model_as_often_as_asked(
    filmed: footage.Footage,
) -> None:
    cost = script_of_today.watch(filmed.path, DEBRIS, 5)
    assert (cost.frames, cost.runs) == (SECONDS * 2, 5)


def test_what_was_reported_before_it_could_be_seen_is_not_found(filmed: footage.Footage) -> None:
    (appears_s,) = filmed.appears_s
    began = {"C0": 100.0, "C1": 200.0, "C2": None}
    opened = {"C0": [100.0 + appears_s - 1], "C1": [200.0, 200.0 + appears_s + 2], "C2": [300.0]}
    assert load._delays(filmed, began, opened) == pytest.approx((2.0,))
