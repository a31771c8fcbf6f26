"""Videos made once a session, an HTTP server for them, and a way to watch a source to its end."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.video_server import VideoServer, video_server
from tests.gateway.camera.films import film
from xunhe.adapters.camera.address import Address
from xunhe.adapters.camera.decoding import Counts
from xunhe.adapters.camera.ring import Ring
from xunhe.adapters.camera.source import CameraSource
from xunhe.adapters.camera.trouble import SourceError
from xunhe.settings import VisionSettings

SETTINGS = VisionSettings(stalled_after_s=2, gate_width_px=160)
CODECS = {"h264": "libx264", "h265": "libx265"}


@dataclass
class Watched:
    """What came out of one connection."""

    times_s: list[float] = field(default_factory=list)
    keys: list[bool] = field(default_factory=list)
    lumas: list[np.ndarray] = field(default_factory=list)
    pictures: list[np.ndarray] = field(default_factory=list)
    error: SourceError | None = None
    counts: Counts = field(default_factory=Counts)
    ring: Ring = field(default_factory=lambda: Ring(60, 1 << 24))


def watch(
    url: str | Path,
    every_frame: Callable[[], bool] = lambda: True,
    until: Callable[[Watched], bool] = lambda _seen: False,
    settings: VisionSettings = SETTINGS,
    clock_s: Callable[[], float] = time.time,
) -> Watched:
    """Watch to the end of the connection, or until enough was seen."""
    seen = Watched()
    source = CameraSource(Address.parse(str(url)), settings, clock_s, seen.ring)
    seen.counts = source.counts
    try:
        for arrived in source.frames(every_frame):
            assert arrived.view.time_s == arrived.time_s
            seen.times_s.append(arrived.time_s)
            seen.keys.append(arrived.is_key)
            seen.lumas.append(arrived.view.luma)
            seen.pictures.append(arrived.view.picture())
            if until(seen):
                break
    except SourceError as error:
        seen.error = error
    return seen


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """A three-second film by codec and suffix, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("films")

    def made(codec: str, suffix: str) -> Path:
        path = folder / f"{codec}.{suffix}"
        return path if path.exists() else film(path, CODECS[codec])

    return made


@pytest.fixture
def server() -> Iterator[VideoServer]:
    with video_server() as running:
        yield running
