"""Average precision at IoU 0.5: area under the interpolated precision-recall curve, all points."""

import numpy as np

from street.split import CLASSES

IOU_MIN = 0.5


def _iou(box, others):
    size = np.clip(np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2]), 0, None)
    inter = size[:, 0] * size[:, 1]
    area = lambda b: (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1])
    return inter / (area(box) + area(others) - inter + 1e-9)


def _match(found, truth):
    """Score and hit of each detection of one class: each truth may be found once, best score first."""
    results, free = [], {k: np.ones(len(v), bool) for k, v in truth.items()}
    for picture, score, box in sorted(found, key=lambda f: -f[1]):
        boxes, hit = truth.get(picture), False
        if boxes is not None and len(boxes):
            iou = _iou(np.asarray(box), boxes) * free[picture]
            best = int(iou.argmax())
            hit = bool(iou[best] >= IOU_MIN)
            free[picture][best] &= not hit
        results.append(hit)
    return np.array(results, bool)


def average_precision(hits, total):
    """hits: by falling score; total: how many there are to find."""
    if total == 0 or len(hits) == 0:
        return 0.0
    right = np.cumsum(hits)
    recall, precision = right / total, right / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate(([0.0], recall))) * precision))


def table(detections, truths):
    """detections: per picture [(class, score, box)]; truths: per picture [(class, box)]. Returns {class name: AP, "mAP": mean}."""
    result = {}
    for kind, name in enumerate(CLASSES):
        truth = {i: np.array([b for k, b in t if k == kind], float).reshape(-1, 4) for i, t in enumerate(truths)}
        found = [(i, s, b) for i, d in enumerate(detections) for k, s, b in d if k == kind]
        result[name] = average_precision(_match(found, truth), sum(len(v) for v in truth.values()))
    result["mAP"] = float(np.mean([result[c] for c in CLASSES]))
    return result


def show(result):
    return "  ".join(f"{name} {value:.3f}" for name, value in result.items())
