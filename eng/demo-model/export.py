"""Writes the averaged weights of a training run as ONNX: input image [1, 3, 256, 256], output [1, 1344, 11].

python3 export.py --run RUN --out bundle/street.onnx
"""

import argparse
from pathlib import Path

import onnx
import torch

from detector.model import Detector, Exported

SIDE = 256
OPSET = 13


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--run", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    args = options.parse_args()
    detector = Detector()
    detector.load_state_dict(torch.load(args.run / "last.pt")["ema"])
    model = Exported(detector).eval()
    torch.onnx.export(model, torch.zeros(1, 3, SIDE, SIDE), str(args.out), opset_version=OPSET, input_names=["image"], output_names=["output"],
                      do_constant_folding=True)
    graph = onnx.load(str(args.out))
    onnx.checker.check_model(graph)
    kinds = sorted({node.op_type for node in graph.graph.node})
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.2f} MB, opset {OPSET}, operators {', '.join(kinds)}")


if __name__ == "__main__":
    main()
