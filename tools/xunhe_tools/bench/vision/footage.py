"""Clips to measure with: rendered rivers, 1080p H.264, with what appears when.

The truth is the script of the rendering; nothing of the pipeline is asked.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from xunhe_tools.virtual_river.scene import CURRENT_M_S, Scene, outfall_scene
from xunhe_tools.virtual_river.scene_float import Passing, drawn_things

Say = Callable[[str], None]
KEY_EVERY_S = 2
_BIT_RATE = 4_000_000
_SEEN_PX = 40.0  # from the frame's border, when a thing counts as visible
_NOISE_FRAMES = 8
_LEFT_M = -9.0  # across, where things come into the picture
_LASTS_S = 60.0


@dataclass(frozen=True, slots=True)
class Film:
    """Size in pixels and frames a second."""

    width: int
    height: int
    fps: int


FULL_HD, SPARE = Film(1920, 1080, 25), Film(1280, 720, 5)


@dataclass(frozen=True, slots=True)
class Footage:
    """A clip, how long it is, and when each scripted thing is first visible."""

    path: Path
    seconds: float
    appears_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Scripted:
    """Things that pass at times that are known."""

    passings: tuple[Passing, ...]

    def at(self, time_s: float) -> Iterator[Passing]:
        """What is under way."""
        yield from (one for one in self.passings if 0 <= time_s - one.enters_s <= _LASTS_S)


def quiet(folder: Path, seed: int, seconds: float, say: Say) -> Footage:
    """Still water; one thing drifts by after a third of the time."""
    return _filmed(folder / f"quiet-{seed}.mp4", FULL_HD, seed, [seconds / 3], seconds, say)


def busy(folder: Path, seed: int, seconds: float, say: Say) -> Footage:
    """A thing every five seconds."""
    times = np.arange(0, seconds, 5.0).tolist()
    return _filmed(folder / f"busy-{seed}.mp4", FULL_HD, seed, times, seconds, say)


def bare(folder: Path, seed: int, seconds: float, say: Say) -> Footage:
    """Nothing but water, ripples and light; few frames a second, so that it can be long."""
    return _filmed(folder / f"bare-{seed}.mp4", SPARE, seed, [], seconds, say)


def _scene(seed: int, times_s: Sequence[float]) -> Scene:
    rng = np.random.default_rng((seed, 5))
    things = drawn_things(rng, max(1, len(times_s)))
    passings = tuple(
        Passing(
            thing, time_s, (_LEFT_M, rng.uniform(7.4, 9.2)), (CURRENT_M_S, 0.0), rng.uniform(0, 6)
        )
        for thing, time_s in zip(things, times_s, strict=False)
    )
    return replace(outfall_scene(seed, ()), traffic=Scripted(passings))


def _filmed(
    path: Path, film: Film, seed: int, times_s: Sequence[float], seconds: float, say: Say
) -> Footage:
    appears: dict[float, float] = {}
    scene, noise = _scene(seed, times_s), _noise(seed)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=film.fps, options={"preset": "superfast"})
        stream.width, stream.height, stream.pix_fmt = film.width, film.height, "yuv420p"
        stream.bit_rate = _BIT_RATE
        stream.codec_context.gop_size = film.fps * KEY_EVERY_S
        stream.codec_context.options = {"x264-params": "scenecut=0:bframes=0"}
        for number in range(round(seconds * film.fps)):
            time_s = number / film.fps
            _note(appears, scene, time_s)
            grainy = cv2.add(
                scene.frame(time_s, 0.0), noise[number % _NOISE_FRAMES], dtype=cv2.CV_8U
            )
            frame = VideoFrame.from_ndarray(np.asarray(grainy, np.uint8), format="bgr24")
            frame = frame.reformat(film.width, film.height, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, film.fps)
            container.mux(stream.encode(frame))
            if number % (film.fps * 10) == 0:
                say(f"{path.stem}: {time_s:.0f} / {seconds:.0f} s")
        container.mux(stream.encode())
    return Footage(path, seconds, tuple(sorted(appears.values())))


def _note(appears: dict[float, float], scene: Scene, time_s: float) -> None:
    """When a thing is first wholly inside the frame."""
    for passing in scene.traffic.at(time_s):
        x, y = scene.ground.pixel(*passing.at_m(time_s))
        if _SEEN_PX <= x <= 1280 - _SEEN_PX and 0 <= y < 720:
            appears.setdefault(passing.enters_s, time_s)


def _noise(seed: int) -> list[NDArray[np.int16]]:
    """A sensor's grain; without it an encoder has an easier life than by a real river."""
    rng = np.random.default_rng(seed)
    return [
        rng.normal(0, 2.0, (720, 1280, 3)).round().astype(np.int16) for _ in range(_NOISE_FRAMES)
    ]
