"""Renders pictures into training shards: uint8 arrays at the network's resolution, with truth. Skips shards that exist.

python3 render.py --purpose train --count 9000 --out CACHE [--workers 2]
"""

import argparse
import io
import json
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from PIL import Image

from detector.letterbox import resize_bilinear
from street.scene import render
from street.split import SEEDS

WIDTH, HEIGHT = 256, 192
SHARD = 500
# width, height, supersampling: the sizes in which the product will meet pictures
SIZES = [(320, 240, 2), (320, 240, 2), (320, 240, 2), (384, 288, 2), (480, 360, 1), (640, 480, 1), (640, 480, 1.5)]


def through_jpeg(picture, quality):
    """The picture after JPEG compression."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")


def one(job):
    """Renders one seed. Returns (pixels, boxes in network pixels, labels)."""
    seed, purpose = job
    rng = np.random.default_rng([seed, 77])
    width, height, supersample = SIZES[int(rng.integers(len(SIZES)))]
    picture, truth = render(seed, purpose, width, height, supersample)
    if rng.random() < 0.75:
        picture = through_jpeg(picture, int(rng.integers(55, 96)))
    pixels = np.clip(resize_bilinear(np.asarray(picture), WIDTH, HEIGHT) + 0.5, 0, 255).astype(np.uint8)
    scale = WIDTH / width
    return pixels, [[v * scale for v in t["box"]] for t in truth], [t["label"] for t in truth]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--purpose", choices=("train", "validation"), required=True)
    options.add_argument("--count", type=int, required=True)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--workers", type=int, default=2)
    args = options.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    first = SEEDS[args.purpose].start
    with Pool(args.workers) as pool:
        for start in range(0, args.count, SHARD):
            target = args.out / f"{args.purpose}-{start:06d}"
            if target.with_suffix(".json").exists():
                continue
            jobs = [(first + i, args.purpose) for i in range(start, min(args.count, start + SHARD))]
            done = pool.map(one, jobs, chunksize=10)
            np.save(target.with_suffix(".npy"), np.stack([d[0] for d in done]))
            target.with_suffix(".json").write_text(json.dumps([{"boxes": d[1], "labels": d[2]} for d in done]))
            print(target.name, len(done), flush=True)


if __name__ == "__main__":
    main()
