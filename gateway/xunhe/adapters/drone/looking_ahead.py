"""A film's chosen pictures through the detector, several at once, in their order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from xunhe.adapters.drone import film
from xunhe.vision.findings.looking import DebrisDetector, Seen, look

Image = NDArray[np.uint8]
Mask = NDArray[np.uint8]
MaskAt = Callable[[float], Mask | None]

_WAITING = 2  # pictures a detector, so that none has to wait and few are held


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """A picture (H, W, 3), BGR, with what the detector saw on it."""

    time_s: float
    bgr: Image
    seen: tuple[Seen, ...]


def looked(
    pictures: Iterable[tuple[float, VideoFrame]],
    detectors: Sequence[DebrisDetector],
    water_at: MaskAt,
) -> Iterator[Looked]:
    """Every picture; one thread for each detector. `water_at` as `look` wants it."""
    free: SimpleQueue[DebrisDetector] = SimpleQueue()
    for detector in detectors:
        free.put(detector)

    def see(time_s: float, picture: VideoFrame) -> Looked:
        image = film.bgr(picture)
        water = water_at(time_s)
        detector = free.get()
        try:
            return Looked(time_s, image, tuple(look(detector, image, water)))
        finally:
            free.put(detector)

    with ThreadPoolExecutor(len(detectors)) as pool:
        waiting: deque[Future[Looked]] = deque()
        try:
            for time_s, picture in pictures:
                waiting.append(pool.submit(see, time_s, picture))
                if len(waiting) > _WAITING * len(detectors):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
