"""Dogs: breeds by proportions, seen from the side or from the front; standing, walking or sitting."""

import numpy as np

from .palettes import CLOTH, COAT, colour, scaled
from .split import HELD_OUT, TRAIN, check_disjoint, pick

# name, shoulder height (m), body length and depth, snout, ears, tail, thickness of legs; lengths as fractions of shoulder height
ASSETS = {
    TRAIN: [("shepherd", 0.62, 1.10, 0.42, 0.30, "prick", "down", 0.13), ("labrador", 0.58, 1.05, 0.48, 0.24, "flop", "out", 0.15),
            ("terrier", 0.36, 1.02, 0.44, 0.24, "prick", "up", 0.16), ("dachshund", 0.30, 1.75, 0.55, 0.36, "flop", "out", 0.20),
            ("poodle", 0.52, 0.95, 0.46, 0.30, "flop", "pom", 0.17), ("hound", 0.68, 1.05, 0.38, 0.32, "flop", "down", 0.10),
            ("husky", 0.58, 1.08, 0.46, 0.26, "prick", "curl", 0.15)],
    HELD_OUT: [("collie", 0.56, 1.12, 0.46, 0.34, "half", "down", 0.13), ("spitz", 0.42, 1.00, 0.50, 0.22, "prick", "curl", 0.16),
               ("beagle", 0.40, 1.12, 0.46, 0.26, "flop", "up", 0.17), ("corgi", 0.32, 1.50, 0.56, 0.28, "prick", "out", 0.21),
               ("setter", 0.64, 1.10, 0.42, 0.30, "flop", "out", 0.12)],
}
check_disjoint("dogs", ASSETS)


def build(rng, split, night):
    name, height, body, depth, snout, ears, tail, leg = pick(rng, ASSETS, split)
    coat = colour(rng, COAT, split, 10)
    return {"height": height * rng.uniform(0.9, 1.15), "body": body * rng.uniform(0.93, 1.08), "depth": depth * rng.uniform(0.92, 1.1), "snout": snout,
            "ears": ears, "tail": tail, "leg": leg, "coat": coat, "second": colour(rng, COAT, split, 10) if rng.random() < 0.5 else scaled(coat, 0.8),
            "collar": colour(rng, CLOTH, split), "wears": bool(rng.random() < 0.6), "view": ("side", "side", "side", "front", "sit")[int(rng.integers(5))],
            "facing": 1 if rng.random() < 0.5 else -1, "gait": rng.uniform(0, 0.5), "nod": rng.uniform(-0.12, 0.2), "squeeze": rng.uniform(0.72, 1.0)}


class _Sketch:
    """x forward and z up in units of the shoulder height, from the point on the ground below the middle."""

    def __init__(self, canvas, x, y, unit, dog):
        self.canvas, self.x, self.y, self.unit, self.dog = canvas, x, y, unit, dog

    def at(self, x, z):
        return (self.x + x * self.dog["facing"] * self.dog["squeeze"] * self.unit, self.y - z * self.unit)

    def limb(self, points, width, tone, shade=1.0):
        self.canvas.line([self.at(*q) for q in points], tone, max(1.0, width * self.unit), shade, True)

    def disc(self, x, z, rx, rz, tone, shade=1.0):
        cx, cy = self.at(x, z)
        self.canvas.ellipse(cx, cy, rx * self.unit, rz * self.unit, tone, shade)

    def shape(self, points, tone, shade=1.0):
        self.canvas.poly([self.at(*q) for q in points], tone, shade)


def _head(s, x, z):
    d, r = s.dog, 0.17
    s.limb([(x + 0.06, z - 0.03), (x + 0.06 + d["snout"] * 0.8, z - 0.08)], 0.15, scaled(d["second"], 1.05))
    s.disc(x, z, r, r * 0.98, d["coat"])
    s.disc(x + 0.08 + d["snout"] * 0.86, z - 0.05, 0.035, 0.035, (18, 16, 16))
    s.disc(x + 0.07, z + 0.05, 0.022, 0.024, (14, 12, 12))
    if d["ears"] == "prick":
        s.shape([(x - 0.13, z + 0.08), (x - 0.07, z + 0.34), (x + 0.05, z + 0.12)], d["second"])
    elif d["ears"] == "half":
        s.shape([(x - 0.14, z + 0.10), (x - 0.06, z + 0.26), (x + 0.06, z + 0.22), (x + 0.03, z + 0.1)], d["second"])
    else:
        s.limb([(x - 0.06, z + 0.1), (x - 0.12, z - 0.14)], 0.11, d["second"], 0.9)


def _tail(s, x, z):
    d = s.dog
    ways = {"up": [(x, z), (x - 0.12, z + 0.32)], "down": [(x, z), (x - 0.16, z - 0.18), (x - 0.14, z - 0.42)], "out": [(x, z), (x - 0.38, z + 0.06)],
            "curl": [(x, z), (x - 0.1, z + 0.2), (x + 0.08, z + 0.26), (x + 0.1, z + 0.14)], "pom": [(x, z), (x - 0.08, z + 0.24)]}
    s.limb(ways[d["tail"]], 0.09, d["coat"], 0.92)
    if d["tail"] == "pom":
        s.disc(x - 0.09, z + 0.28, 0.09, 0.09, d["coat"])


def _side(s):
    d = s.dog
    half, depth, gait, leg = d["body"] / 2, d["depth"], d["gait"], d["leg"]
    top = 1.0
    belly = top - depth
    for x, swing, shade in ((-half * 0.78, -gait * 0.8, 0.7), (half * 0.72, gait, 0.7), (-half * 0.82, gait, 1.0), (half * 0.78, -gait * 0.7, 1.0)):
        knee = (x + swing * 0.25, belly * 0.55)
        s.limb([(x, belly + depth * 0.4), knee, (x + swing * 0.55, 0.04)], leg, d["coat"], shade)
        s.limb([(x + swing * 0.55, 0.04), (x + swing * 0.55 + 0.06, 0.035)], leg * 0.8, d["second"], shade)
    _tail(s, -half * 0.98, top - 0.1)
    s.limb([(-half * 0.7, top - depth * 0.46), (half * 0.7, top - depth * 0.5)], depth * 0.9, d["coat"])
    s.disc(half * 0.68, top - depth * 0.5, depth * 0.52, depth * 0.58, d["coat"])
    s.limb([(-half * 0.45, top - depth * 0.16), (half * 0.3, top - depth * 0.2)], depth * 0.3, d["second"])
    head = (half + 0.26, top + 0.26 + d["nod"])
    s.limb([(half * 0.72, top - depth * 0.3), head], 0.26, d["coat"])
    if d["wears"]:
        s.limb([(half + 0.06, top + 0.16), (half + 0.2, top + 0.02)], 0.06, d["collar"])
    _head(s, *head)


def _front(s, sitting):
    d = s.dog
    wide = d["depth"] * 0.52
    if sitting:
        s.disc(0, 0.3, wide * 1.35, 0.32, d["coat"], 0.85)
    else:
        for x in (-wide * 0.75, wide * 0.75):
            s.limb([(x, 0.5), (x, 0.08)], d["leg"], d["coat"], 0.7)
    for x in (-wide * 0.5, wide * 0.5):
        s.limb([(x, 0.6), (x, 0.05)], d["leg"], d["coat"])
        s.disc(x, 0.045, d["leg"] * 0.6, 0.05, d["second"])
    s.disc(0, 0.70, wide, d["depth"] * 0.68, d["coat"])
    s.disc(0, 0.66, wide * 0.5, d["depth"] * 0.5, d["second"])
    z = 1.1 + d["nod"]
    if d["wears"]:
        s.limb([(-0.13, z - 0.2), (0.13, z - 0.2)], 0.07, d["collar"])
    for side in (-1, 1):
        if d["ears"] == "flop":
            s.limb([(side * 0.15, z + 0.12), (side * 0.2, z - 0.12)], 0.1, d["second"], 0.9)
        else:
            s.shape([(side * 0.17, z + 0.04), (side * 0.16, z + 0.34), (side * 0.03, z + 0.14)], d["second"])
    s.disc(0, z, 0.18, 0.19, d["coat"])
    s.disc(0, z - 0.07, 0.10, 0.10, scaled(d["second"], 1.08))
    s.disc(0, z - 0.03, 0.04, 0.03, (18, 16, 16))
    for side in (-1, 1):
        s.disc(side * 0.075, z + 0.05, 0.023, 0.025, (14, 12, 12))


def draw(canvas, camera, pose, built):
    x, y = camera.project(pose.x, 0, pose.z)
    unit = camera.scale(pose.z) * built["height"]
    rx = unit * (0.6 * built["body"] if built["view"] == "side" else 0.35)
    canvas.shadow([(x + rx * np.cos(a), y + rx * 0.2 * np.sin(a)) for a in np.linspace(0, 6.28, 14)], 0.4)
    sketch = _Sketch(canvas, x, y, unit, built)

    def paint():
        if built["view"] == "side":
            _side(sketch)
        else:
            built["squeeze"] = 1.0
            _front(sketch, built["view"] == "sit")
    return paint
