"""CPU time of the whole pipeline on a clip, beside the least that the same schedule costs.

The ideal decodes the same packets with PyAV and runs the bare session as often as the pipeline did;
neither shares code with the pipeline. CPU time of one process, so a busy machine disturbs little.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from xunhe.adapters.camera.address import Address
from xunhe.adapters.camera.source import CameraSource
from xunhe.domain.sight import Sight
from xunhe.domain.zones import Zones
from xunhe.settings import VisionSettings
from xunhe.vision.eyes import Eyes
from xunhe.vision.pipeline import CameraPipeline
from xunhe_models.boxes import Detections
from xunhe_models.detector import Detector, open_session

_WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """What a clip cost: CPU seconds, what was decoded and how often the model ran."""

    cpu_s: float
    seconds: float
    decoded: frozenset[int]  # packets, counted from 0
    runs: int
    sights: tuple[Sight, ...]


class _Counted(Detector):
    """A detector that counts."""

    runs = 0

    def detect(self, bgr: np.ndarray) -> Detections:
        self.runs += 1
        return super().detect(bgr)


def pipeline(clip: Path, zones: Zones, debris: Path, seconds: float) -> Cost:
    """The whole way of a frame: demux, decode, gate, detect, track, incident."""
    settings, plain = VisionSettings(), Eyes.load()
    detector = _Counted(debris)
    eyes = Eyes(detector, plain.finder, plain.sha256)
    _warm(detector)
    camera = CameraPipeline("bench", zones, eyes, settings)
    source = CameraSource(Address.parse(str(clip)), settings, time.time)
    wanted: list[bool] = []

    def every_frame() -> bool:
        wanted.append(camera.wants_every_frame)
        return wanted[-1]

    detector.runs = 0
    begun_s = time.process_time()
    sights = [sight for arrived in source.frames(every_frame) for sight in camera.see(arrived.view)]
    cpu_s = time.process_time() - begun_s
    return Cost(cpu_s, seconds, _decoded(clip, wanted), detector.runs, tuple(sights))


def _decoded(clip: Path, wanted: list[bool]) -> frozenset[int]:
    """Which packets a decoder had to take: whole groups once one frame of them is wanted."""
    taken, is_following = set(), False
    with av.open(str(clip)) as container:
        packets = (p for p in container.demux(video=0) if p.size)
        for number, (packet, every) in enumerate(zip(packets, wanted, strict=False)):
            is_following = every and (is_following or packet.is_keyframe)
            if is_following or packet.is_keyframe:
                taken.add(number)
    return frozenset(taken)


def decoding(clip: Path, numbers: frozenset[int]) -> float:
    """CPU seconds of PyAV for these packets alone, on one thread, the clip's opening included."""
    begun_s = time.process_time()
    with av.open(str(clip)) as container:
        context = container.streams.video[0].codec_context
        context.thread_count = 1
        for number, packet in enumerate(container.demux(video=0)):
            if number in numbers:
                context.decode(packet)
        return time.process_time() - begun_s


def session_ms(debris: Path, rounds: int = 60) -> float:
    """Milliseconds of CPU of the bare `session.run`, the median, on one thread."""
    session = open_session(debris)
    blob = np.full((1, 3, 416, 416), 114, np.float32)
    name = session.get_inputs()[0].name

    def run() -> object:
        return session.run(None, {name: blob})

    return 1000 * _median_s(run, rounds)


def decode_fps(clip: Path) -> float:
    """Frames a second of CPU, every frame decoded."""
    with av.open(str(clip)) as container:
        count = sum(1 for packet in container.demux(video=0) if packet.size)
    return count / decoding(clip, frozenset(range(count)))


def _median_s(run: Callable[[], object], rounds: int) -> float:
    for _ in range(_WARM_UP):
        run()
    taken = []
    for _ in range(rounds):
        begun_s = time.process_time()
        run()
        taken.append(time.process_time() - begun_s)
    return float(np.median(taken))


def _warm(detector: Detector) -> None:
    for _ in range(_WARM_UP):
        detector.detect(np.full((416, 416, 3), 114, np.uint8))
