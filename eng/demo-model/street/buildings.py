"""House fronts, either square to the camera or running away from it along the street."""

import numpy as np

from .palettes import WALL, colour, scaled
from .split import HELD_OUT, TRAIN, check_disjoint, pick

# name, storey height, window width and height as fractions of a bay, bay width, ground floor, roof, cornice
ASSETS = {
    TRAIN: [("brick row", 3.1, 0.42, 0.55, 2.6, "doors", "parapet", True), ("office", 3.4, 0.86, 0.62, 3.4, "glass", "flat", False),
            ("tower", 3.0, 0.60, 0.60, 3.0, "pillars", "flat", False), ("shop house", 3.2, 0.46, 0.58, 2.8, "shop", "parapet", True),
            ("cottage", 2.8, 0.36, 0.42, 3.2, "doors", "gable", False), ("warehouse", 4.2, 0.66, 0.46, 4.2, "gates", "flat", True),
            ("slab", 2.8, 0.92, 0.40, 5.0, "pillars", "flat", False)],
    HELD_OUT: [("terrace", 3.0, 0.38, 0.62, 2.3, "doors", "gable", True), ("arcade", 3.6, 0.50, 0.60, 3.0, "arches", "parapet", True),
               ("lab", 3.3, 0.74, 0.70, 2.6, "glass", "flat", True), ("market", 3.4, 0.56, 0.44, 3.6, "shop", "flat", False),
               ("villa", 3.2, 0.44, 0.50, 3.8, "arches", "gable", False)],
}
check_disjoint("buildings", ASSETS)
AWNINGS = {
    TRAIN: [(180, 50, 46), (40, 100, 70), (220, 200, 160), (50, 70, 130)],
    HELD_OUT: [(150, 40, 80), (220, 140, 50), (70, 120, 130)],
}


def sample(rng, split, night):
    name, storey, win_w, win_h, bay, ground, roof, cornice = pick(rng, ASSETS, split)
    wall = colour(rng, WALL, split, 14)
    return {"storey": storey * rng.uniform(0.92, 1.1), "win": (win_w * rng.uniform(0.85, 1.1), win_h * rng.uniform(0.85, 1.1)), "bay": bay * rng.uniform(0.9, 1.15),
            "ground": ground, "roof": roof, "cornice": cornice, "wall": wall, "trim": scaled(wall, rng.choice([0.72, 1.25])),
            "glass": scaled((86, 104, 122), rng.uniform(0.5, 1.3)), "storeys": int(rng.integers(2, 7)) if roof != "gable" else 2,
            "awning": pick(rng, AWNINGS, split), "night": night, "sill": rng.random() < 0.6}


def draw_front(canvas, rng, b, at, span):
    """at(s, height) -> picture point on the façade, with s in metres along it; span is (from, to) in metres."""
    s0, s1 = span
    top = b["storey"] * b["storeys"] + 0.6
    canvas.poly([at(s0, 0), at(s1, 0), at(s1, top), at(s0, top)], b["wall"])
    if b["roof"] == "gable":
        canvas.poly([at(s0 - 0.3, top - 0.1), at(s1 + 0.3, top - 0.1), at((s0 + s1) / 2, top + (s1 - s0) * 0.3)], (112, 66, 54))
    elif b["roof"] == "parapet":
        canvas.poly([at(s0, top - 0.5), at(s1, top - 0.5), at(s1, top), at(s0, top)], b["trim"])
    bays = max(1, int((s1 - s0) / b["bay"]))
    step = (s1 - s0) / bays
    for floor in range(b["storeys"]):
        base = floor * b["storey"]
        if b["cornice"] and floor:
            canvas.poly([at(s0, base + 0.1), at(s1, base + 0.1), at(s1, base + 0.3), at(s0, base + 0.3)], b["trim"])
        for i in range(bays):
            _cell(canvas, rng, b, at, s0 + i * step, step, base, floor)


def _rect(canvas, at, s0, s1, z0, z1, tone, emit=False):
    canvas.poly([at(s0, z0), at(s1, z0), at(s1, z1), at(s0, z1)], tone, 1.0, emit)


def _cell(canvas, rng, b, at, s, step, base, floor):
    lit = bool(b["night"] and rng.random() < 0.4)
    glass = (244, 206, 130) if lit else scaled(b["glass"], rng.uniform(0.75, 1.25))
    if floor == 0 and b["ground"] != "doors":
        return _ground(canvas, b, at, s, step, glass, lit)
    w, h = step * b["win"][0], b["storey"] * b["win"][1]
    left, sill = s + (step - w) / 2, base + b["storey"] * 0.28
    if floor == 0 and rng.random() < 0.35:
        return _rect(canvas, at, left, left + min(w, 1.1), 0, 2.2, scaled(b["awning"], 0.7))
    _rect(canvas, at, left - 0.1, left + w + 0.1, sill - 0.1, sill + h + 0.1, b["trim"])
    _rect(canvas, at, left, left + w, sill, sill + h, glass, lit)
    if b["sill"]:
        middle = left + w / 2
        _rect(canvas, at, middle - 0.04, middle + 0.04, sill, sill + h, b["trim"])


def _ground(canvas, b, at, s, step, glass, lit):
    kind, high = b["ground"], b["storey"]
    if kind == "shop":
        _rect(canvas, at, s + 0.15, s + step - 0.15, 0.5, high * 0.72, glass, lit)
        _rect(canvas, at, s + 0.05, s + step - 0.05, high * 0.72, high * 0.92, b["awning"])
    elif kind == "glass":
        _rect(canvas, at, s + 0.08, s + step - 0.08, 0.1, high * 0.9, glass, lit)
    elif kind == "gates":
        _rect(canvas, at, s + step * 0.2, s + step * 0.8, 0, high * 0.8, scaled(b["wall"], 0.6))
    elif kind == "arches":
        _rect(canvas, at, s + step * 0.22, s + step * 0.78, 0, high * 0.6, scaled(b["glass"], 0.6))
        a = np.linspace(0, np.pi, 20)
        canvas.poly([at(s + step * 0.5 + step * 0.28 * np.cos(t), high * 0.6 + step * 0.28 * np.sin(t)) for t in a], scaled(b["glass"], 0.6))
    else:
        _rect(canvas, at, s + step * 0.25, s + step, 0, high * 0.85, scaled(b["wall"], 0.5))
