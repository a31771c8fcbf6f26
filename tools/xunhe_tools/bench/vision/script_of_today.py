"""The script that people write: every frame through OpenCV, the model on every Nth.

Written apart from the pipeline and sharing nothing with it but the model's file.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort

_SIZE = 416


@dataclass(frozen=True, slots=True)
class ScriptCost:
    """CPU seconds for a clip, its frames, and how often the model ran."""

    cpu_s: float
    frames: int
    runs: int


def watch(clip: Path, model: Path, runs: int) -> ScriptCost:
    """Watch a clip, with the model run `runs` times, evenly."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    capture = cv2.VideoCapture(str(clip))
    total = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    due = {int(n) for n in np.linspace(0, max(total - 1, 0), min(runs, total)).round()}
    frames = done = 0
    begun_s = time.process_time()
    while True:
        ok, frame = capture.read()
        if not ok:
            break
        if frames in due:
            session.run(None, {session.get_inputs()[0].name: _blob(frame)})
            done += 1
        frames += 1
    cpu_s = time.process_time() - begun_s
    capture.release()
    return ScriptCost(cpu_s, frames, done)


def _blob(frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    scale = _SIZE / max(height, width)
    small = cv2.resize(frame, (round(width * scale), round(height * scale)))
    square = np.full((_SIZE, _SIZE, 3), 114, np.uint8)
    square[: small.shape[0], : small.shape[1]] = small
    return square.transpose(2, 0, 1)[None].astype(np.float32)
