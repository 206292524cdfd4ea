"""From output rows to detections: score threshold, corner boxes, non-maximum suppression per class."""

import numpy as np

from .model import STRIDES

SCORE_MIN = 0.01
IOU_MAX = 0.45
KEPT_MAX = 100


def cells_of(height, width):
    """[rows, 3]: column, row and stride, in the order of the output."""
    parts = []
    for stride in STRIDES:
        y, x = np.mgrid[0:height // stride, 0:width // stride]
        parts.append(np.stack((x.ravel(), y.ravel(), np.full(x.size, stride)), 1))
    return np.concatenate(parts).astype(np.float32)


def suppress(boxes, scores):
    """Indexes kept by greedy suppression, best first."""
    order, kept = np.argsort(-scores, kind="stable"), []
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(best)
        size = np.clip(np.minimum(boxes[best, 2:], boxes[rest, 2:]) - np.maximum(boxes[best, :2], boxes[rest, :2]), 0, None)
        inter = size[:, 0] * size[:, 1]
        order = rest[inter / (area[best] + area[rest] - inter + 1e-9) <= IOU_MAX]
    return kept


def decode(rows, height, width, score_min=SCORE_MIN):
    """rows [n, 5 + classes] of one picture, probabilities already. Returns [(class, score, box in input pixels)], best first."""
    cells = cells_of(height, width)
    scores = rows[:, 4:5] * rows[:, 5:]
    centre, half = (rows[:, :2] + cells[:, :2]) * cells[:, 2:], np.exp(rows[:, 2:4]) * cells[:, 2:] / 2
    boxes = np.concatenate((centre - half, centre + half), 1)
    found = []
    for kind in range(scores.shape[1]):
        some = np.flatnonzero(scores[:, kind] >= score_min)
        for k in suppress(boxes[some], scores[some, kind]):
            found.append((kind, float(scores[some[k], kind]), boxes[some[k]]))
    return sorted(found, key=lambda f: -f[1])[:KEPT_MAX]
