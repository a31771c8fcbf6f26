"""How long a picture takes on one thread, beside the bare run of the network."""

import time
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_models.detector import Detector, Letterbox

RUNS = 60
_WARM_UP = 5


def latency(
    detector: Detector, session: Any, bgr: NDArray[np.uint8], runs: int = RUNS
) -> dict[str, Any]:
    """Milliseconds of `detect` on a picture (H, W, 3), and of `session.run` on what it gives it.

    Both in the same loop, turn by turn, so that both meet the same load. The ratios are those of
    the minima and of the medians.
    """
    letterbox = Letterbox(detector.card.size, detector.card.pad)
    letterbox.fill(bgr)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    whole, bare = np.empty(runs), np.empty(runs)
    try:
        for i in range(-_WARM_UP, runs):
            begun = time.perf_counter()
            session.run(["boxes", "scores"], {"image": letterbox.blob})
            between = time.perf_counter()
            detector.detect(bgr)
            ended = time.perf_counter()
            if i >= 0:
                bare[i], whole[i] = between - begun, ended - between
    finally:
        cv2.setNumThreads(threads)
    return {
        "runs": runs,
        "picture": [int(bgr.shape[1]), int(bgr.shape[0])],
        "detect_ms": _spread(whole),
        "session_run_ms": _spread(bare),
        "ratio_min": float(whole.min() / bare.min()),
        "ratio_median": float(np.median(whole) / np.median(bare)),
    }


def _spread(seconds: NDArray[np.float64]) -> dict[str, float]:
    return {"min": 1000 * float(seconds.min()), "median": 1000 * float(np.median(seconds))}
