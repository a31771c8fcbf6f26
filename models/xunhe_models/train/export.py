"""Network → ONNX file that carries all that its reader needs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from xunhe_models.data.pictures import CLASSES
from xunhe_models.train.network import DebrisNet, anchors, decode

_OPSET = 17
_WHOLE_FRAME = ["vegetation_mat"]  # tiles would cut a mat to pieces


@dataclass(frozen=True, slots=True)
class About:
    """What a model file says of itself. `held_out`: starts of the sites it never saw."""

    name: str
    thresholds: Mapping[str, float]
    tile_px: int
    held_out: Sequence[str]
    data_sha256: str
    git_commit: str


class _Decoded(nn.Module):
    """Boxes in input pixels and class scores, as the reader wants them."""

    corners: Tensor
    strides: Tensor

    def __init__(self, net: DebrisNet, size: int) -> None:
        super().__init__()
        self.net = net
        corners, strides = anchors(size, size)
        self.register_buffer("corners", corners)
        self.register_buffer("strides", strides)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        raw = self.net(image)
        scores = raw[..., 4:5].sigmoid() * raw[..., 5:].sigmoid()
        return decode(raw, self.corners, self.strides), scores


def export_detector(weights: Mapping[str, Tensor], size: int, file: Path, about: About) -> None:
    """Write `weights` as an fp32 detector for [1,3,size,size] images."""
    net = DebrisNet(len(CLASSES))
    net.load_state_dict(dict(weights))
    module = _Decoded(net, size).eval()
    with torch.no_grad():
        torch.onnx.export(
            module,
            (torch.zeros(1, 3, size, size),),
            str(file),
            input_names=["image"],
            output_names=["boxes", "scores"],
            opset_version=_OPSET,
            dynamo=False,
        )
    describe(file, size, about)


def describe(file: Path, size: int, about: About) -> None:
    """Write the metadata into an exported file."""
    model = onnx.load(str(file))
    values = {
        "kind": "detector",
        "name": about.name,
        "classes": json.dumps(CLASSES),
        "input": json.dumps({"size": size, "order": "BGR", "range": [0, 255], "pad": 114}),
        "thresholds": json.dumps(dict(about.thresholds)),
        "tile": str(about.tile_px),
        "data_sha256": about.data_sha256,
        "git_commit": about.git_commit,
        "held_out": json.dumps(list(about.held_out)),
        "whole_frame": json.dumps(_WHOLE_FRAME),
    }
    onnx.helper.set_model_props(model, values)
    onnx.save(model, str(file))
