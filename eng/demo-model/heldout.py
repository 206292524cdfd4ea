"""Renders the held-out pictures (held-out assets, held-out seeds) as JPEG files with truth.json, and packs them.

python3 heldout.py --count 500 --out FOLDER --zip bundle/heldout.zip
"""

import argparse
import json
import zipfile
from multiprocessing import Pool
from pathlib import Path

from street.scene import render
from street.split import CLASSES, SEEDS

QUALITY = 80
SIZES = [(320, 240), (320, 240), (384, 288)]
DATE = (2026, 1, 1, 0, 0, 0)


def one(job):
    """Renders one picture into the folder. Returns its entry in truth.json."""
    number, folder = job
    width, height = SIZES[number % len(SIZES)]
    picture, truth = render(SEEDS["held-out"].start + number, "held-out", width, height)
    name = f"{number:04d}.jpg"
    picture.save(folder / name, "JPEG", quality=QUALITY)
    return {"file": name, "width": width, "height": height, "objects": truth}


def pack(folder, target):
    """One archive with the same bytes for the same pictures."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.iterdir()):
            stored = zipfile.ZIP_DEFLATED if path.suffix == ".json" else zipfile.ZIP_STORED
            archive.writestr(zipfile.ZipInfo(path.name, DATE), path.read_bytes(), stored)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=500)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--zip", type=Path)
    options.add_argument("--workers", type=int, default=2)
    args = options.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with Pool(args.workers) as pool:
        pictures = pool.map(one, [(i, args.out) for i in range(args.count)], chunksize=10)
    (args.out / "truth.json").write_text(json.dumps({"classes": CLASSES, "pictures": pictures}, separators=(",", ":")))
    counts = {c: sum(o["label"] == c for p in pictures for o in p["objects"]) for c in CLASSES}
    print(len(pictures), "pictures:", counts)
    if args.zip:
        pack(args.out, args.zip)
        print(f"{args.zip}: {args.zip.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
