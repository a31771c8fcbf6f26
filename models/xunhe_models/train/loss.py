"""Which anchor answers for which box, and what a wrong answer costs.

Assignment is SimOTA of the YOLOX paper (section 2.5), over the whole batch at once; boxes cost by
generalised IoU (Rezatofighi et al. 2019), objectness and class by binary cross entropy. Anchors
in a place marked to be left out cost nothing.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot

_CANDIDATES = 10
_CENTRE_RADIUS = 2.5  # cells around a box's centre that may answer for it
_IOU_COST = 3.0
_OUTSIDE = 1e5
_BOX_WEIGHT = 5.0


@dataclass(frozen=True, slots=True)
class Targets:
    """Boxes of a batch, padded to the longest.

    boxes [B,G,4] in pixels, labels [B,G] (class, or -1 for a place to leave out),
    present [B,G] bool.
    """

    boxes: Tensor
    labels: Tensor
    present: Tensor


@dataclass(frozen=True, slots=True)
class Loss:
    """The sum, and its parts as numbers for the log."""

    total: Tensor
    box: float
    objectness: float
    label: float
    positives: int


def detection_loss(
    raw: Tensor, boxes: Tensor, targets: Targets, corners: Tensor, strides: Tensor
) -> Loss:
    """Loss of raw [B,A,5+C] with decoded boxes [B,A,4] in pixels."""
    with torch.no_grad():
        match = assign(raw.detach(), boxes.detach(), targets, corners, strides)
        left_out = _inside_left_out(targets, (corners + 0.5) * strides[:, None]) & (match < 0)
    positive = match >= 0
    n = max(int(positive.sum()), 1)
    chosen = match.clamp(min=0)
    goal = torch.gather(targets.boxes, 1, chosen[..., None].expand(-1, -1, 4))[positive]
    label = torch.gather(targets.labels, 1, chosen)[positive]
    giou, iou = paired_iou(boxes[positive], goal)
    box = (1 - giou).sum() / n
    wanted = one_hot(label.clamp(min=0), raw.shape[2] - 5) * iou.detach().clamp(0)[:, None]
    kind = binary_cross_entropy_with_logits(raw[..., 5:][positive], wanted, reduction="sum") / n
    cost = binary_cross_entropy_with_logits(raw[..., 4], positive.float(), reduction="none")
    objectness = (cost * ~left_out).sum() / n
    total = _BOX_WEIGHT * box + kind + objectness
    numbers = [float(part.detach()) for part in (box, objectness, kind)]
    return Loss(total, numbers[0], numbers[1], numbers[2], int(positive.sum()))


def assign(
    raw: Tensor, boxes: Tensor, targets: Targets, corners: Tensor, strides: Tensor
) -> Tensor:
    """For each anchor the index of its box, or -1: [B,A]."""
    points = (corners + 0.5) * strides[:, None]
    real = targets.present & (targets.labels >= 0)
    inside, central = _where(targets.boxes, points, strides)
    candidate = (inside | central).any(1) & real.any(1)[:, None]
    iou = cross_iou(targets.boxes, boxes)
    probability = (raw[..., 4:5].sigmoid() * raw[..., 5:].sigmoid()).sqrt()
    labels = targets.labels.clamp(min=0)
    of_label = torch.gather(
        probability.transpose(1, 2), 1, labels[..., None].expand(-1, -1, boxes.shape[1])
    )
    others = torch.log1p(-probability.clamp(max=1 - 1e-6)).sum(2)[:, None]
    cost = -(of_label.clamp(min=1e-8).log() + others - torch.log1p(-of_label.clamp(max=1 - 1e-6)))
    cost = cost - _IOU_COST * iou.clamp(min=1e-8).log()
    cost = cost + _OUTSIDE * ~(inside & central)
    usable = real[..., None] & candidate[:, None] & (inside | central)
    return _cheapest(cost.masked_fill(~usable, float("inf")), iou * usable)


def _cheapest(cost: Tensor, iou: Tensor) -> Tensor:
    """Each box takes its cheapest k anchors, k its summed best IoUs; an anchor its cheapest box."""
    k_most = min(_CANDIDATES, cost.shape[2])
    wanted = iou.topk(k_most, 2).values.sum(2).int().clamp(min=1)
    values, order = cost.topk(k_most, 2, largest=False)
    rank = torch.arange(k_most, device=cost.device)
    keep = (rank < wanted[..., None]) & values.isfinite()
    taken = torch.zeros_like(cost, dtype=torch.bool).scatter_(2, order, keep)
    best, match = cost.masked_fill(~taken, float("inf")).min(1)
    return torch.where(best.isfinite(), match, -1)


def _where(boxes: Tensor, points: Tensor, strides: Tensor) -> tuple[Tensor, Tensor]:
    """Anchor points inside boxes, and near their centres: two [B,G,A]."""
    x, y = points[:, 0], points[:, 1]
    x0, y0, x1, y1 = (boxes[..., i, None] for i in range(4))
    inside = (x > x0) & (x < x1) & (y > y0) & (y < y1)
    reach = _CENTRE_RADIUS * strides
    central = ((x - (x0 + x1) / 2).abs() < reach) & ((y - (y0 + y1) / 2).abs() < reach)
    return inside, central


def _inside_left_out(targets: Targets, points: Tensor) -> Tensor:
    """Anchors whose point lies in a place to be left out: [B,A]."""
    x, y = points[:, 0], points[:, 1]
    x0, y0, x1, y1 = (targets.boxes[..., i, None] for i in range(4))
    inside = (x > x0) & (x < x1) & (y > y0) & (y < y1)
    return (inside & (targets.present & (targets.labels < 0))[..., None]).any(1)


def cross_iou(a: Tensor, b: Tensor) -> Tensor:
    """IoU of every box of a [B,G,4] with every one of b [B,A,4]: [B,G,A]."""
    lower = torch.maximum(a[:, :, None, :2], b[:, None, :, :2])
    upper = torch.minimum(a[:, :, None, 2:], b[:, None, :, 2:])
    common = (upper - lower).clamp(min=0).prod(3)
    area_a = (a[..., 2:] - a[..., :2]).prod(2)[:, :, None]
    area_b = (b[..., 2:] - b[..., :2]).prod(2)[:, None]
    return common / (area_a + area_b - common).clamp(min=1e-6)


def paired_iou(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Generalised IoU and IoU of a [N,4] with b [N,4], each [N]."""
    lower, upper = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    common = (upper - lower).clamp(min=0).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - common
    iou = common / union.clamp(min=1e-6)
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1)
    return iou - (hull - union) / hull.clamp(min=1e-6), iou
