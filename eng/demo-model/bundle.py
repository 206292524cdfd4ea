"""Renders the eight bundled pictures and their truth: held-out assets, and seeds that nothing else uses.

python3 bundle.py --out bundle/pictures
"""

import argparse
import json
from pathlib import Path

from PIL import Image

from street.scene import render
from street.split import CLASSES, SEEDS

WIDTH, HEIGHT = 640, 480
GRAIN, GRAIN_PNG = 0.5, 0.0     # noise does not compress without loss
BYTES_MAX = 150_000
# file name, offset into the bundled seeds, classes asked for
PICTURES = [
    ("bus-stop.jpg", 117, ("bus", "person")),
    ("high-street.jpg", 23, ("bus", "person", "traffic light", "bicycle")),
    ("junction.jpg", 15, ("car", "bicycle", "traffic light")),
    ("walking-the-dog.png", 19, ("bicycle", "dog", "person")),
    ("evening-tour.jpg", 112, ("bus", "person")),
    ("old-arcade.png", 25, ("bicycle", "dog", "person")),
    ("night-shift.jpg", 43, ("bicycle", "dog", "person")),
    ("rainy-crossing.png", 40, ("dog", "person", "car")),
]
PNG_COLOURS = 192
PALETTED = ("old-arcade",)     # one PNG has a palette, as many on the web do


def save(picture, path):
    if path.suffix == ".png":
        if path.stem in PALETTED:
            picture = picture.quantize(PNG_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        picture.save(path, optimize=True)
    else:
        picture.save(path, "JPEG", quality=88)
    if path.stat().st_size > BYTES_MAX:
        raise ValueError(f"{path} has {path.stat().st_size} bytes, more than {BYTES_MAX}: lower the grain or the colours")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, required=True)
    args = options.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    entries = []
    for name, offset, leading in PICTURES:
        grain = GRAIN_PNG if name.endswith(".png") else GRAIN
        picture, truth = render(SEEDS["bundled"].start + offset, "bundled", WIDTH, HEIGHT, 2, leading, grain)
        save(picture, args.out / name)
        entries.append({"file": name, "width": WIDTH, "height": HEIGHT, "objects": truth})
        print(f"{name}: {(args.out / name).stat().st_size / 1000:.0f} KB, " + ", ".join(o["label"] for o in truth))
    shown = {o["label"] for e in entries for o in e["objects"]}
    if shown != set(CLASSES):
        raise ValueError(f"the bundled pictures lack {set(CLASSES) - shown}")
    (args.out / "truth.json").write_text(json.dumps({"classes": CLASSES, "pictures": entries}, indent=1) + "\n")


if __name__ == "__main__":
    main()
