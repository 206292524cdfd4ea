"""Trains the detector on rendered shards; saves the averaged weights after every epoch and resumes from them.

python3 train.py --cache CACHE --out RUN --epochs 10
"""

import argparse
import copy
import math
import time
from pathlib import Path

import numpy as np
import torch

from detector.data import Shards, augment
from detector.decode import decode
from detector.loss import detection_loss
from detector.measure import show, table
from detector.model import Detector, boxes_of, grid

SEED = 20261121
SQUARE_EPOCHS = 2     # the last epochs see the square input that is exported, letterbox padding included


def rate(step, steps, peak, warm):
    """Linear warm-up, then a cosine down to 2 % of the peak."""
    if step < warm:
        return peak * (step + 1) / warm
    part = (step - warm) / max(1, steps - warm)
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * part)))


def average(ema, model, decay):
    for a, b in zip(ema.state_dict().values(), model.state_dict().values()):
        if a.dtype.is_floating_point:
            a.mul_(decay).add_(b.detach(), alpha=1 - decay)
        else:
            a.copy_(b)


@torch.no_grad()
def validate(model, shards, count=500):
    """AP on pictures of the validation seeds (training assets); it only reports."""
    model.eval()
    detections, truths = [], []
    for start in range(0, min(count, len(shards)), 50):
        pixels, truth, labels, present = shards.batch(range(start, min(count, start + 50)))
        rows = model(pixels)
        rows = torch.cat((rows[..., :4], rows[..., 4:].sigmoid()), -1).numpy()
        detections += [decode(r, pixels.shape[2], pixels.shape[3]) for r in rows]
        truths += [[(int(k), b.numpy()) for b, k, p in zip(t, l, q) if p] for t, l, q in zip(truth, labels, present)]
    return table(detections, truths)


def one_epoch(state, shards, epoch, args):
    model, ema, optimizer = state["model"], state["ema"], state["optimizer"]
    rng = np.random.default_rng([SEED, epoch])
    order, steps = rng.permutation(len(shards)), len(shards) // args.batch
    square = epoch >= args.epochs - SQUARE_EPOCHS
    height, width = (256, 256) if square else (192, 256)
    cells, sums = grid(height, width), np.zeros(3)
    model.train()
    for i in range(steps):
        step = epoch * steps + i
        for group in optimizer.param_groups:
            group["lr"] = rate(step, args.epochs * steps, args.rate, 2 * steps if steps < 200 else 400)
        pixels, truth, labels, present = shards.batch(order[i * args.batch:(i + 1) * args.batch])
        pixels, truth, present = augment(rng, pixels, truth, present, 0.6 if square else 1.0, height)
        with torch.cpu.amp.autocast(enabled=args.bfloat16):
            rows = model(pixels.contiguous(memory_format=torch.channels_last))
        loss, parts = detection_loss(rows.float(), cells, boxes_of, truth, labels, present)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 20.0)
        optimizer.step()
        average(ema, model, min(0.999, (1 + step) / (20 + step)))
        sums += parts
    return sums / steps


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cache", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--epochs", type=int, default=10)
    options.add_argument("--stop", type=int, help="end after this many epochs of the schedule")
    options.add_argument("--batch", type=int, default=32)
    options.add_argument("--rate", type=float, default=2e-3)
    options.add_argument("--threads", type=int, default=1, help="more only on an idle machine")
    options.add_argument("--bfloat16", action="store_true", help="half as long on processors with AMX")
    args = options.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    model = Detector().to(memory_format=torch.channels_last)
    state = {"model": model, "ema": copy.deepcopy(model), "optimizer": torch.optim.AdamW(model.parameters(), args.rate, weight_decay=0.02)}
    first, checkpoint = 0, args.out / "last.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        first = saved.pop("epoch") + 1
        for name, value in saved.items():
            state[name].load_state_dict(value)
    shards, held_back = Shards(args.cache, "train"), Shards(args.cache, "validation")
    for epoch in range(first, args.stop or args.epochs):
        started = time.time()
        parts = one_epoch(state, shards, epoch, args)
        torch.save({"epoch": epoch, **{k: v.state_dict() for k, v in state.items()}}, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)
        line = f"epoch {epoch} {time.time() - started:.0f} s  loss " + " ".join(f"{p:.3f}" for p in parts)
        if epoch % 3 == 2 or epoch == args.epochs - 1:
            line += "  | " + show(validate(state["ema"], held_back))
        print(line, flush=True)


if __name__ == "__main__":
    main()
