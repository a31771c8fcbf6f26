"""The debris detector: YOLOX-Nano, with batch normalisation folded into the convolutions.

Architecture after Ge et al. 2021, "YOLOX: Exceeding YOLO Series in 2021" (Apache-2.0 upstream);
parameters carry the upstream names, so that its COCO weights load. The folded form trains a third
faster on a CPU, and the weights at hand were folded anyway.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

STRIDES = (8, 16, 32)
_BN_EPS = 1e-3  # upstream's
_WIDTHS = (16, 32, 64, 128, 256)


class Conv(nn.Module):
    """Convolution with bias and SiLU; `groups` equals the channels for a depthwise one."""

    def __init__(self, c_in: int, c_out: int, size: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, size, stride, size // 2, groups=groups)
        self.act = nn.SiLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.act(self.conv(x))
        return y


class SeparableConv(nn.Module):
    """Depthwise, then pointwise."""

    def __init__(self, c_in: int, c_out: int, stride: int = 1) -> None:
        super().__init__()
        self.dconv = Conv(c_in, c_in, 3, stride, groups=c_in)
        self.pconv = Conv(c_in, c_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.pconv(self.dconv(x))
        return y


class Bottleneck(nn.Module):
    """1×1, separable 3×3, and the shortcut where asked."""

    def __init__(self, channels: int, shortcut: bool) -> None:
        super().__init__()
        self.conv1 = Conv(channels, channels, 1)
        self.conv2 = SeparableConv(channels, channels)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv2(self.conv1(x))
        return y + x if self.shortcut else y


class CrossStage(nn.Module):
    """Half of the channels through bottlenecks, half past them (CSP with three convolutions)."""

    def __init__(self, c_in: int, c_out: int, depth: int, shortcut: bool) -> None:
        super().__init__()
        half = c_out // 2
        self.conv1 = Conv(c_in, half, 1)
        self.conv2 = Conv(c_in, half, 1)
        self.conv3 = Conv(2 * half, c_out, 1)
        self.m = nn.Sequential(*(Bottleneck(half, shortcut) for _ in range(depth)))

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv3(torch.cat((self.m(self.conv1(x)), self.conv2(x)), 1))
        return y


class Pyramid(nn.Module):
    """Spatial pyramid pooling with kernels 5, 9 and 13 (as three poolings of 5 in a row)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = Conv(channels, channels // 2, 1)
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.conv2 = Conv(channels * 2, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.conv1(x)
        b = self.pool(a)
        c = self.pool(b)
        y: Tensor = self.conv2(torch.cat((a, b, c, self.pool(c)), 1))
        return y


class Stem(nn.Module):
    """Each 2×2 block of pixels becomes 12 channels, then a convolution."""

    def __init__(self, c_out: int) -> None:
        super().__init__()
        self.conv = Conv(12, c_out, 3)

    def forward(self, x: Tensor) -> Tensor:
        quarters = (
            x[..., ::2, ::2],
            x[..., 1::2, ::2],
            x[..., ::2, 1::2],
            x[..., 1::2, 1::2],
        )
        y: Tensor = self.conv(torch.cat(quarters, 1))
        return y


class Backbone(nn.Module):
    """Image → feature maps at strides 8, 16 and 32."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d, e = _WIDTHS
        self.stem = Stem(a)
        self.dark2 = nn.Sequential(SeparableConv(a, b, 2), CrossStage(b, b, 1, True))
        self.dark3 = nn.Sequential(SeparableConv(b, c, 2), CrossStage(c, c, 3, True))
        self.dark4 = nn.Sequential(SeparableConv(c, d, 2), CrossStage(d, d, 3, True))
        self.dark5 = nn.Sequential(SeparableConv(d, e, 2), Pyramid(e), CrossStage(e, e, 1, False))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        at_8 = self.dark3(self.dark2(self.stem(image)))
        at_16 = self.dark4(at_8)
        return at_8, at_16, self.dark5(at_16)


class Neck(nn.Module):
    """Backbone with a path down and a path up between its three scales (PAFPN)."""

    def __init__(self) -> None:
        super().__init__()
        _, _, c, d, e = _WIDTHS
        self.backbone = Backbone()
        self.upsample = nn.Upsample(scale_factor=2, mode="nearest")
        self.lateral_conv0 = Conv(e, d, 1)
        self.C3_p4 = CrossStage(2 * d, d, 1, False)
        self.reduce_conv1 = Conv(d, c, 1)
        self.C3_p3 = CrossStage(2 * c, c, 1, False)
        self.bu_conv2 = SeparableConv(c, c, 2)
        self.C3_n3 = CrossStage(2 * c, d, 1, False)
        self.bu_conv1 = SeparableConv(d, d, 2)
        self.C3_n4 = CrossStage(2 * d, e, 1, False)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        at_8, at_16, at_32 = self.backbone(image)
        top = self.lateral_conv0(at_32)
        middle = self.reduce_conv1(self.C3_p4(torch.cat((self.upsample(top), at_16), 1)))
        out_8 = self.C3_p3(torch.cat((self.upsample(middle), at_8), 1))
        out_16 = self.C3_n3(torch.cat((self.bu_conv2(out_8), middle), 1))
        out_32 = self.C3_n4(torch.cat((self.bu_conv1(out_16), top), 1))
        return out_8, out_16, out_32


class Head(nn.Module):
    """Per scale: box (4), objectness (1) and class logits (C), decoupled."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        width = _WIDTHS[2]
        self.stems = nn.ModuleList(Conv(c, width, 1) for c in _WIDTHS[2:])
        self.cls_convs = nn.ModuleList(self._pair(width) for _ in STRIDES)
        self.reg_convs = nn.ModuleList(self._pair(width) for _ in STRIDES)
        self.cls_preds = nn.ModuleList(nn.Conv2d(width, n_classes, 1) for _ in STRIDES)
        self.reg_preds = nn.ModuleList(nn.Conv2d(width, 4, 1) for _ in STRIDES)
        self.obj_preds = nn.ModuleList(nn.Conv2d(width, 1, 1) for _ in STRIDES)

    @staticmethod
    def _pair(width: int) -> nn.Sequential:
        return nn.Sequential(SeparableConv(width, width), SeparableConv(width, width))

    def forward(self, features: tuple[Tensor, ...]) -> Tensor:
        levels = []
        for k, feature in enumerate(features):
            x = self.stems[k](feature)
            box = self.reg_convs[k](x)
            maps = (
                self.reg_preds[k](box),
                self.obj_preds[k](box),
                self.cls_preds[k](self.cls_convs[k](x)),
            )
            levels.append(torch.cat(maps, 1).flatten(2))
        return torch.cat(levels, 2).transpose(1, 2)


class DebrisNet(nn.Module):
    """Image [B,3,H,W] (BGR, 0..255, sides multiples of 32) → raw [B,A,5+C], undecoded."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.backbone = Neck()
        self.head = Head(n_classes)

    def forward(self, image: Tensor) -> Tensor:
        raw: Tensor = self.head(self.backbone(image))
        return raw


def anchors(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Grid corners [A,2] (x, y, in cells) and strides [A] of an image's anchor points."""
    corners, strides = [], []
    for stride in STRIDES:
        rows, columns = height // stride, width // stride
        y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        corners.append(torch.stack((x, y), 2).reshape(-1, 2).float())
        strides.append(torch.full((rows * columns,), float(stride)))
    return torch.cat(corners), torch.cat(strides)


def decode(raw: Tensor, corners: Tensor, strides: Tensor) -> Tensor:
    """Boxes [B,A,4] as x0, y0, x1, y1 in input pixels."""
    centre = (raw[..., :2] + corners) * strides[:, None]
    half = raw[..., 2:4].clamp(max=8).exp() * strides[:, None] / 2
    return torch.cat((centre - half, centre + half), -1)


def coco_weights(state: Mapping[str, Tensor], net: DebrisNet) -> dict[str, Tensor]:
    """A state for `net` from upstream's COCO checkpoint: norms folded, class layer left out."""
    folded = {}
    for name, own in net.state_dict().items():
        source = _folded(name, state)
        folded[name] = own if source is None or source.shape != own.shape else source
    return folded


def _folded(name: str, state: Mapping[str, Tensor]) -> Tensor | None:
    """The upstream tensor for our parameter `name`, its batch norm folded in; None if absent."""
    if name in state and not name.endswith(".conv.weight"):
        return state[name]
    module, kind = name.rsplit(".conv.", 1)
    if f"{module}.bn.weight" not in state:
        return state.get(name)
    bn = {k: state[f"{module}.bn.{k}"] for k in ("weight", "bias", "running_mean", "running_var")}
    scale = bn["weight"] / (bn["running_var"] + _BN_EPS).sqrt()
    if kind == "weight":
        return state[name] * scale[:, None, None, None]
    return bn["bias"] - bn["running_mean"] * scale
