"""Bicycles as tubes and rings in space, parked or ridden."""

import numpy as np

from . import people
from .palettes import PAINT, colour, scaled
from .split import HELD_OUT, TRAIN, check_disjoint, pick

# wheel radius, wheelbase, frame kind, handlebar kind, saddle height, extras
ASSETS = {
    TRAIN: [("diamond", 0.34, 1.02, "diamond", "flat", 0.95, None), ("cruiser", 0.33, 1.12, "curved", "high", 0.86, "guards"),
            ("folding", 0.22, 0.98, "low", "flat", 0.92, None), ("bmx", 0.26, 0.92, "diamond", "high", 0.66, None),
            ("cargo", 0.30, 1.35, "low", "flat", 0.90, "box"), ("racer", 0.34, 0.99, "diamond", "drop", 1.00, None),
            ("mountain", 0.36, 1.10, "sloped", "flat", 0.92, None)],
    HELD_OUT: [("mixte", 0.34, 1.06, "mixte", "flat", 0.90, "guards"), ("dutch", 0.36, 1.12, "low", "high", 0.96, "guards"),
               ("gravel", 0.35, 1.04, "sloped", "drop", 0.97, None), ("mini", 0.25, 0.96, "mixte", "high", 0.84, "basket"),
               ("touring", 0.34, 1.08, "diamond", "high", 0.96, "basket")],
}
check_disjoint("bicycles", ASSETS)


def build(rng, split, night, ridden=False):
    name, radius, base, frame, bars, saddle, extra = pick(rng, ASSETS, split)
    grow = rng.uniform(0.95, 1.08)
    bike = {"radius": radius * grow, "base": base * grow, "frame": frame, "bars": bars, "saddle": saddle * grow, "extra": extra,
            "paint": colour(rng, PAINT, split), "tyre": (30, 30, 32) if rng.random() < 0.8 else (150, 130, 100),
            "tube": rng.uniform(0.034, 0.05), "crank": rng.uniform(0, 6.28), "spokes": int(rng.integers(6, 11)), "rider": None, "lit": night}
    if ridden:
        rider = people.build(rng, split, night, people.RIDING)
        rider["height"] = min(rider["height"], 1.8)
        bike["rider"] = rider
    return bike


def _points(bike):
    half, r, saddle = bike["base"] / 2, bike["radius"], bike["saddle"]
    return {"rear": (-half, r), "front": (half, r), "bottom": (-0.08, r - 0.04), "seat": (-0.24, saddle - 0.12), "saddle": (-0.26, saddle),
            "head": (half - 0.20, saddle - 0.08), "neck": (half - 0.16, saddle - 0.24), "bar": (half - 0.2, saddle + 0.08)}


def _frame(bike, p):
    kind = bike["frame"]
    tubes = [("rear", "bottom"), ("rear", "seat"), ("bottom", "saddle"), ("head", "neck"), ("neck", "front"), ("head", "bar")]
    lines = [[p[a], p[b]] for a, b in tubes]
    lines.append([p["bottom"], p["neck"]])
    if kind == "diamond":
        lines.append([p["seat"], p["head"]])
    elif kind == "sloped":
        lines.append([(p["seat"][0], p["seat"][1] - 0.12), p["head"]])
    elif kind == "mixte":
        lines.append([(p["bottom"][0] - 0.1, p["bottom"][1] + 0.22), p["head"]])
    elif kind == "curved":
        lines.append([(p["seat"][0], p["seat"][1] - 0.1), (0.0, p["bottom"][1] + 0.42), p["head"]])
    else:
        lines.append([p["bottom"], (0.12, p["bottom"][1] + 0.1), p["neck"]])
    return lines


def _paint(canvas, camera, pose, bike):
    def at(x, z, y=0.0):
        return camera.project(*pose.world(x, y, z))

    def tube(points, width, tone, shade=1.0):
        canvas.line([at(*q) for q in points], tone, max(1.0, width * camera.scale(pose.z)), shade, False)

    p, r = _points(bike), bike["radius"]
    ring = np.linspace(0, 2 * np.pi, 25)
    for hub in (p["rear"], p["front"]):
        for k in range(bike["spokes"]):
            a = np.pi * k / bike["spokes"] + bike["crank"]
            tube([(hub[0] + r * np.cos(a), hub[1] + r * np.sin(a)), (hub[0] - r * np.cos(a), hub[1] - r * np.sin(a))], 0.008, (150, 152, 156))
        tube([(hub[0] + r * 0.97 * np.cos(a), hub[1] + r * 0.97 * np.sin(a)) for a in ring], 0.05, bike["tyre"])
        if bike["extra"] == "guards":
            arc = np.linspace(0.5, 2.9, 12)
            tube([(hub[0] + r * 1.13 * np.cos(a), hub[1] + r * 1.13 * np.sin(a)) for a in arc], 0.03, scaled(bike["paint"], 0.8))
    for line in _frame(bike, p):
        tube(line, bike["tube"], bike["paint"])
    _fittings(bike, p, tube)


def _fittings(bike, p, tube):
    c = bike["crank"]
    foot = (p["bottom"][0] + 0.17 * np.cos(c), p["bottom"][1] + 0.17 * np.sin(c))
    tube([(2 * p["bottom"][0] - foot[0], 2 * p["bottom"][1] - foot[1]), foot], 0.03, (70, 72, 76))
    tube([(p["saddle"][0] - 0.13, p["saddle"][1] + 0.01), (p["saddle"][0] + 0.13, p["saddle"][1])], 0.06, (32, 28, 28))
    x, z = p["bar"]
    wide = 0.28
    rise = {"flat": 0.0, "high": 0.12, "drop": -0.12}[bike["bars"]]
    tube([(x, z), (x + 0.02, z, -wide), (x - 0.06 + (0.16 if rise < 0 else 0), z + rise, -wide)], 0.03, (50, 50, 54))
    tube([(x, z), (x + 0.02, z, wide), (x - 0.06 + (0.16 if rise < 0 else 0), z + rise, wide)], 0.03, (50, 50, 54))
    if bike["extra"] == "basket":
        tube([(x + 0.08, z - 0.16), (x + 0.4, z - 0.16), (x + 0.42, z + 0.04), (x + 0.06, z + 0.04), (x + 0.08, z - 0.16)], 0.03, (120, 90, 60))
        tube([(x + 0.08, z - 0.06), (x + 0.4, z - 0.06)], 0.12, (140, 108, 72))
    if bike["extra"] == "box":
        tube([(0.12, 0.42), (0.62, 0.42)], 0.26, scaled(bike["paint"], 0.7))


def paint_rider(canvas, camera, pose, bike):
    """The rider in the bicycle's plane: hips on the saddle, hands on the bar, feet on the pedals."""
    who, p = bike["rider"], _points(bike)
    unit = camera.scale(pose.z)

    def at(x, z, y=0.0):
        return camera.project(*pose.world(x, y, z))

    def limb(points, width, tone, shade=1.0):
        canvas.line([at(*q) for q in points], tone, max(1.0, width * unit), shade, True)

    h, c = who["height"], bike["crank"]
    hip = (p["saddle"][0] + 0.02, p["saddle"][1] + 0.08)
    shoulder = (hip[0] + h * 0.15, hip[1] + h * 0.27)
    hand = (p["bar"][0] - 0.02, p["bar"][1] + 0.04)
    lower = who["skin"] if who["bottom"] in ("shorts", "bare", "skirt") else who["legs"]
    for sign, shade in ((-1, 0.75), (1, 1.0)):
        y = 0.11 * sign
        foot = (p["bottom"][0] + sign * 0.17 * np.cos(c), p["bottom"][1] + sign * 0.17 * np.sin(c) + 0.03, y)
        knee = ((hip[0] + foot[0]) / 2 + 0.2, (hip[1] + foot[1]) / 2 + 0.08, y)
        limb([knee, foot], 0.1, lower, shade)
        limb([(hip[0], hip[1], y), knee], 0.14, who["legs"], shade)
        limb([foot, (foot[0] + 0.12, foot[1], y)], 0.08, (38, 34, 34), shade)
        if sign < 0:
            limb([hip, shoulder], 0.27 * who["width"], who["cloth"])
        elbow = ((shoulder[0] + hand[0]) / 2 + 0.02, (shoulder[1] + hand[1]) / 2 - 0.1, 0.17 * sign)
        limb([(shoulder[0], shoulder[1], 0.15 * sign), elbow], 0.1, who["cloth"], shade)
        limb([elbow, (hand[0], hand[1], 0.22 * sign)], 0.07, who["skin"], shade)
    head = (shoulder[0] + 0.06, shoulder[1] + 0.22)
    limb([shoulder, head], 0.09, who["skin"], 0.85)
    x, y = at(*head)
    r = who["head"] * h * unit
    canvas.ellipse(x, y, r * 0.85, r * 1.08, who["hair"])
    toward = at(head[0] + 0.05, head[1])
    canvas.ellipse(toward[0], toward[1] + r * 0.12, r * 0.58, r * 0.82, who["skin"])
    if who["hat"]:
        canvas.ellipse(x, y - r * 0.55, r * 1.02, r * 0.7, who["extra"])


def draw(canvas, camera, pose, built):
    a, b = pose.world(-built["base"] * 0.85, 0, 0), pose.world(built["base"] * 0.85, 0, 0)
    wide = 0.12
    corners = [(a[0], a[2] - wide), (b[0], b[2] - wide), (b[0], b[2] + wide), (a[0], a[2] + wide)]
    canvas.shadow([camera.project(x, 0, z) for x, z in corners], 0.35)
    return lambda: _paint(canvas, camera, pose, built)
