"""Reads rendered shards and makes augmented batches."""

import json

import numpy as np
import torch
from torch.nn import functional as F

from street.split import CLASSES

from .letterbox import PAD

KEPT = 0.35     # a box of which less stays in the picture after zooming is no longer asked for
TRUTHS_MAX = 24


class Shards:
    """All shards of a purpose, memory-mapped."""

    def __init__(self, folder, purpose):
        files = sorted(folder.glob(f"{purpose}-*.json"))
        if not files:
            raise FileNotFoundError(f"no {purpose} shards in {folder}: run render.py first")
        self.pixels = [np.load(f.with_suffix(".npy"), mmap_mode="r") for f in files]
        self.truth = [t for f in files for t in json.loads(f.read_text())]
        self.where = [(i, k) for i, p in enumerate(self.pixels) for k in range(len(p))]

    def __len__(self):
        return len(self.where)

    def batch(self, indexes):
        """Pixels [b, 3, h, w] in 0..1, truth [b, g, 4], labels [b, g], present [b, g]."""
        images = np.stack([self.pixels[i][k] for i, k in (self.where[n] for n in indexes)])
        truth, labels = np.zeros((len(indexes), TRUTHS_MAX, 4), np.float32), np.zeros((len(indexes), TRUTHS_MAX), np.int64)
        present = np.zeros((len(indexes), TRUTHS_MAX), bool)
        for row, n in enumerate(indexes):
            for g, (box, label) in enumerate(zip(self.truth[n]["boxes"][:TRUTHS_MAX], self.truth[n]["labels"])):
                truth[row, g], labels[row, g], present[row, g] = box, CLASSES.index(label), True
        pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
        return pixels, torch.from_numpy(truth), torch.from_numpy(labels), torch.from_numpy(present)


def augment(rng, pixels, truth, present, strength=1.0, height=None):
    """Mirrors, zooms, shifts and recolours a batch; outside the picture is the letterbox's grey. height: of the output."""
    count, _, h, w = pixels.shape
    out = height or h
    mirror = rng.random(count) < 0.5
    changed = rng.random(count) < 0.8 * strength
    zoom = np.where(changed, np.exp(rng.uniform(np.log(0.62), np.log(1.5), count)), 1.0)
    shift = np.stack([rng.uniform(0, 1, count) * (w - w * zoom), rng.uniform(0, 1, count) * (h - h * zoom)], 1)
    theta = np.zeros((count, 2, 3), np.float32)
    theta[:, 0, 0], theta[:, 1, 1] = 1 / zoom, out / h / zoom
    theta[:, 0, 2] = (w - 2 * shift[:, 0]) / (w * zoom) - 1
    theta[:, 1, 2] = (out - 2 * shift[:, 1]) / (h * zoom) - 1
    theta[mirror, 0, 0] *= -1
    where = F.affine_grid(torch.from_numpy(theta), (count, 3, out, w), align_corners=False)
    grey = PAD / 255
    gain = torch.from_numpy((rng.uniform(0.8, 1.2, (count, 1, 1, 1)) * rng.uniform(0.93, 1.07, (count, 3, 1, 1))).astype(np.float32))
    recoloured = (pixels * gain).clamp(0, 1)
    pixels = F.grid_sample(recoloured - grey, where, align_corners=False) + grey
    z, s = torch.from_numpy(zoom.astype(np.float32))[:, None, None], torch.from_numpy(shift.astype(np.float32))
    moved = truth.clone()
    flip = torch.from_numpy(mirror)
    moved[..., 0::2] = truth[..., 0::2] * z + s[:, None, :1]
    moved[..., 1::2] = truth[..., 1::2] * z + s[:, None, 1:]
    mirrored = moved.clone()
    mirrored[..., 0], mirrored[..., 2] = w - moved[..., 2], w - moved[..., 0]
    moved = torch.where(flip[:, None, None], mirrored, moved)
    clipped = moved.clone()
    clipped[..., 0::2], clipped[..., 1::2] = moved[..., 0::2].clamp(0, w), moved[..., 1::2].clamp(0, out)
    size = lambda b: (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1])
    keep = present & (size(clipped) > KEPT * size(moved)) & ((clipped[..., 2:] - clipped[..., :2]).min(-1).values > 3.5)
    return pixels, clipped, keep
