"""The ONNX file against the torch network that it was exported from. Needs torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from xunhe_models.data.pictures import CLASSES
from xunhe_models.detector import MIN_SCORE, Letterbox, ModelCard
from xunhe_models.train.network import DebrisNet, anchors, decode


def parity(
    session: Any, card: ModelCard, checkpoint: Path, pictures: Sequence[NDArray[np.uint8]]
) -> dict[str, Any]:
    """The largest differences of scores, and of boxes (px) with a score of at least 0.01.

    `checkpoint` is a file of weights, or of training, whose averaged weights are taken.
    OSError, or RuntimeError where the weights are of another network.
    """
    net = _network(checkpoint)
    corners, strides = anchors(card.size, card.size)
    letterbox = Letterbox(card.size, card.pad)
    scores_off, boxes_off, compared = 0.0, 0.0, 0
    for bgr in pictures:
        letterbox.fill(bgr)
        boxes, scores = session.run(["boxes", "scores"], {"image": letterbox.blob})
        with torch.no_grad():
            raw = net(torch.from_numpy(letterbox.blob))
            theirs = (raw[..., 4:5].sigmoid() * raw[..., 5:].sigmoid()).numpy()
            decoded = decode(raw, corners, strides).numpy()
        shown = scores.max(axis=2) >= MIN_SCORE
        scores_off = max(scores_off, float(np.abs(scores - theirs).max()))
        boxes_off = max(boxes_off, float(np.abs(boxes - decoded)[shown].max(initial=0)))
        compared += int(shown.sum())
    return {
        "pictures": len(pictures),
        "boxes": compared,
        "largest_score_difference": scores_off,
        "largest_box_difference_px": boxes_off,
    }


def _network(checkpoint: Path) -> Any:
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    net = DebrisNet(len(CLASSES))
    net.load_state_dict(state.get("average", state))
    return net.eval()
