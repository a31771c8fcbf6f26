"""The network: a stack of frames in, scores of the whole zone and maps of where out.

What moves is told by four pictures of moments over time, computed inside the graph, so that a stack
of equal frames is a still and one network serves both.
"""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from xunhe_models.train.network import Backbone, DebrisNet, coco_weights

CHANNELS = 9
STRIDE = 4  # input pixels per pixel of a map


def moments(stack: torch.Tensor) -> torch.Tensor:
    """(N, T, 3, H, W) 0..255 to (N, 9, H, W) 0..255.

    The middle frame and the mean, BGR each; then of the luma the deviation, the mean change from
    frame to frame, and the greatest deviation, each squeezed so that 10 grey levels become 127.
    """
    luma = 0.114 * stack[:, :, 0] + 0.587 * stack[:, :, 1] + 0.299 * stack[:, :, 2]
    away = luma - luma.mean(dim=1, keepdim=True)
    spread = torch.stack(
        (
            (away * away).mean(dim=1).sqrt(),
            (luma[:, 1:] - luma[:, :-1]).abs().mean(dim=1),
            away.abs().amax(dim=1),
        ),
        dim=1,
    )
    middle = stack[:, stack.shape[1] // 2]
    return torch.cat((middle, stack.mean(dim=1), 255 * spread / (spread + 10)), dim=1)


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class Trunk(nn.Module):
    """From moments to maps (N, 5, H/4, W/4) and scores (N, 5), both logits.

    Maps: flowing, foaming, coloured, sheen, mouth. Scores: dry, flowing, foaming, coloured, sheen.
    What a picture shows is read by the first stages of the debris detector's backbone, which COCO
    has taught what real surfaces look like; what moves, by a branch that joins it at stride 4.
    """

    def __init__(self) -> None:
        super().__init__()
        backbone = Backbone()
        self.stem, self.dark2 = backbone.stem, backbone.dark2
        self.dark3, self.dark4 = backbone.dark3, backbone.dark4
        self.motion = nn.Sequential(_conv(CHANNELS - 3, 12, 2), _conv(12, 24, 2))
        self.quarter = nn.Sequential(_conv(32 + 24, 32), _conv(32, 32))
        self.eighth = nn.Sequential(_conv(64 + 32, 48))
        self.sixteenth = nn.Sequential(nn.Conv2d(128 + 48, 48, 1), nn.ReLU(), _conv(48, 48))
        self.at_eighth, self.at_quarter = _conv(48, 32), _conv(32, 24)
        self.maps = nn.Conv2d(24, 5, 1)
        self.scores = nn.Sequential(nn.Linear(5 + 5 + 48 + 48, 32), nn.ReLU(), nn.Linear(32, 5))
        self.halved = nn.AvgPool2d(2)

    def forward(self, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Maps and scores of moments (N, 9, H, W), H and W multiples of 16."""
        shown_4 = self.dark2(self.stem(seen[:, :3]))
        shown_8 = self.dark3(shown_4)
        shown_16 = self.dark4(shown_8)
        quarter = self.quarter(torch.cat((shown_4, self.motion(seen[:, 3:] / 127.5 - 1)), 1))
        eighth = self.eighth(torch.cat((shown_8, self.halved(quarter)), 1))
        deep = self.sixteenth(torch.cat((shown_16, self.halved(eighth)), 1))
        eighth = self.at_eighth(eighth + _doubled(deep))
        maps = self.maps(self.at_quarter(quarter + _doubled(eighth)))
        pooled = (
            maps.amax(dim=(2, 3)),
            maps.sigmoid().mean(dim=(2, 3)),
            deep.amax(dim=(2, 3)),
            deep.mean(dim=(2, 3)),
        )
        return maps, self.scores(torch.cat(pooled, dim=1))

    def taught(self) -> list[nn.Parameter]:
        """Of the stages that come with COCO's weights: they learn slowly."""
        stages = (self.stem, self.dark2, self.dark3, self.dark4)
        return [parameter for stage in stages for parameter in stage.parameters()]


def with_coco(file: Path) -> Trunk:
    """A trunk whose backbone has the weights of upstream's YOLOX-Nano (a `.pth` state)."""
    state = torch.load(file, map_location="cpu", weights_only=True)
    net = DebrisNet(2)
    net.load_state_dict(coco_weights(state.get("model", state), net))
    trunk, backbone = Trunk(), net.backbone.backbone
    trunk.stem, trunk.dark2 = backbone.stem, backbone.dark2
    trunk.dark3, trunk.dark4 = backbone.dark3, backbone.dark4
    return trunk


def _doubled(x: torch.Tensor) -> torch.Tensor:
    return nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")


class Exported(nn.Module):
    """What the ONNX file holds: `stack` (1, T, 3, H, W) to `scores` (1, 5) and `maps`, 0..1."""

    def __init__(self, trunk: Trunk) -> None:
        super().__init__()
        self.trunk = trunk

    def forward(self, stack: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores (N, 5) and maps (N, 5, H/4, W/4)."""
        maps, scores = self.trunk(moments(stack))
        return scores.sigmoid(), maps.sigmoid()


def parameters(model: Any) -> int:
    """How many numbers it has learned."""
    return sum(p.numel() for p in model.parameters())
