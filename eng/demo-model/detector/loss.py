"""Assigns truth to rows by cost (YOLOX's SimOTA, vectorised over the batch) and computes the loss."""

import torch
from torch.nn import functional as F

CENTRE_RADIUS = 1.5     # in strides: rows this close to a centre may stand for the box
CANDIDATES = 10


def pair_iou(a, b):
    """IoU of boxes a [..., n, 4] with b [..., m, 4] -> [..., n, m]."""
    a, b = a[..., :, None, :], b[..., None, :, :]
    size = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0)
    inter = size[..., 0] * size[..., 1]
    area = lambda t: (t[..., 2] - t[..., 0]).clamp(min=0) * (t[..., 3] - t[..., 1]).clamp(min=0)
    return inter / (area(a) + area(b) - inter + 1e-7)


def giou_loss(a, b):
    """1 - generalised IoU of matching boxes [n, 4]."""
    low, high = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    inter = (high - low).clamp(min=0).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - inter + 1e-7
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1) + 1e-7
    iou = inter / union
    return 1 - iou + (hull - union) / hull, iou.detach()


@torch.no_grad()
def assign(rows, boxes, cells, truth, labels, present):
    """truth [b, g, 4], labels [b, g], present [b, g]. Returns (positive [b, r], index of its truth [b, r])."""
    centres = (cells[:, :2] + 0.5) * cells[:, 2:]
    x, y = centres[:, 0], centres[:, 1]
    t = truth[..., None]
    inside = (x > t[:, :, 0]) & (x < t[:, :, 2]) & (y > t[:, :, 1]) & (y < t[:, :, 3])
    mid = (truth[..., :2] + truth[..., 2:]) / 2
    radius = cells[:, 2] * CENTRE_RADIUS
    near = ((x - mid[..., :1]).abs() < radius) & ((y - mid[..., 1:]).abs() < radius)
    allowed = (inside | near) & present[..., None]
    iou = pair_iou(truth, boxes) * allowed
    score = (rows[..., 4:5].sigmoid() * rows[..., 5:].sigmoid()).sqrt().clamp(1e-6, 1 - 1e-6)
    other = -(1 - score).log()
    own = torch.gather(-score.log() - other, 2, labels[:, None, :].expand(-1, score.shape[1], -1)).transpose(1, 2)
    cost = own + other.sum(-1)[:, None, :] - 3 * (iou + 1e-7).log() + 1e4 * ~(inside & near) + 1e7 * ~allowed
    count = iou.topk(CANDIDATES, -1).values.sum(-1).int().clamp(min=1)
    rank = cost.argsort(-1).argsort(-1)
    chosen = (rank < count[..., None]) & allowed
    cheapest = torch.where(chosen, cost, torch.full_like(cost, 1e9)).min(1)
    return chosen.any(1), cheapest.indices


def detection_loss(rows, cells, boxes_of, truth, labels, present):
    """The scalar loss and its parts."""
    boxes = boxes_of(rows, cells)
    positive, index = assign(rows, boxes, cells, truth, labels, present)
    wanted = torch.gather(truth, 1, index[..., None].expand(-1, -1, 4))[positive]
    kinds = torch.gather(labels, 1, index)[positive]
    total = max(1, int(positive.sum()))
    miss, iou = giou_loss(boxes[positive], wanted)
    objectness = torch.zeros_like(rows[..., 4])
    objectness[positive] = 1.0
    target = F.one_hot(kinds, rows.shape[-1] - 5).float() * iou.clamp(0)[:, None]
    parts = (5 * miss.sum() / total, F.binary_cross_entropy_with_logits(rows[..., 4], objectness, reduction="sum") / total,
             F.binary_cross_entropy_with_logits(rows[..., 5:][positive], target, reduction="sum") / total)
    return sum(parts), [float(p) for p in parts]
