"""Measures a training run on packed pictures: AP at IoU 0.5 per class and their mean, as the product sees the pictures.

python3 evaluate.py --run RUN --zip bundle/heldout.zip [--side 256]
"""

import argparse
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from detector.decode import decode
from detector.letterbox import letterbox
from detector.measure import show, table
from detector.model import Detector, Exported
from street.split import CLASSES


def load(run):
    """The averaged weights of a run, as exported."""
    detector = Detector()
    detector.load_state_dict(torch.load(run / "last.pt")["ema"])
    return Exported(detector).eval()


@torch.no_grad()
def detect(model, picture, side, score_min=0.01):
    """Detections of a PIL picture [(class, score, box in picture pixels)], best first."""
    pixels, scale = letterbox(np.asarray(picture.convert("RGB")), side, side)
    rows = model(torch.from_numpy(pixels.transpose(2, 0, 1)[None] / np.float32(255)))[0].numpy()
    limit = np.array([picture.width, picture.height] * 2)
    return [(k, s, np.clip(b / scale, 0, limit)) for k, s, b in decode(rows, side, side, score_min)]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--run", type=Path, required=True)
    options.add_argument("--zip", type=Path, required=True)
    options.add_argument("--side", type=int, default=256)
    args = options.parse_args()
    torch.set_num_threads(1)
    model, detections, truths = load(args.run), [], []
    with zipfile.ZipFile(args.zip) as archive:
        for entry in json.loads(archive.read("truth.json"))["pictures"]:
            picture = Image.open(io.BytesIO(archive.read(entry["file"])))
            detections.append(detect(model, picture, args.side))
            truths.append([(CLASSES.index(o["label"]), o["box"]) for o in entry["objects"]])
    print(len(truths), "pictures ", show(table(detections, truths)))


if __name__ == "__main__":
    main()
