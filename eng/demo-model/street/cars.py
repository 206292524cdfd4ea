"""Passenger cars: a dozen body designs, seen from any side."""

import numpy as np

from .extrude import Body, Decal, draw_body, draw_ground_shadow
from .palettes import PAINT, colour, scaled
from .split import HELD_OUT, TRAIN, check_disjoint, pick

# Lengths in metres; x positions as fractions of the length from the rear. deck/belt/nose are heights.
# name, length, height, width, deck, belt, nose, rear window base, roof rear, roof front, windscreen base, windows
_FIELDS = ("name", "length", "height", "width", "deck", "belt", "nose", "rear_base", "roof_rear", "roof_front", "screen", "panes")


def _design(*values):
    return dict(zip(_FIELDS, values))


ASSETS = {
    TRAIN: [
        _design("sedan", 4.6, 1.45, 1.80, 1.02, 0.98, 0.80, 0.16, 0.30, 0.56, 0.72, 2),
        _design("hatchback", 4.0, 1.50, 1.75, 1.05, 1.00, 0.82, 0.02, 0.14, 0.58, 0.76, 2),
        _design("suv", 4.7, 1.78, 1.90, 1.18, 1.14, 1.00, 0.02, 0.08, 0.60, 0.73, 3),
        _design("wagon", 4.7, 1.48, 1.80, 1.05, 1.00, 0.80, 0.01, 0.08, 0.57, 0.72, 3),
        _design("coupe", 4.4, 1.32, 1.80, 0.94, 0.92, 0.74, 0.12, 0.36, 0.52, 0.70, 1),
        _design("minivan", 4.8, 1.80, 1.90, 1.10, 1.08, 0.92, 0.01, 0.06, 0.66, 0.86, 3),
        _design("pickup", 5.3, 1.80, 1.90, 1.06, 1.10, 1.02, 0.38, 0.42, 0.60, 0.70, 1),
        _design("microcar", 2.8, 1.54, 1.60, 1.06, 1.00, 0.84, 0.02, 0.16, 0.62, 0.88, 1),
        _design("classic", 4.2, 1.50, 1.65, 0.90, 0.98, 0.86, 0.18, 0.32, 0.58, 0.66, 2),
    ],
    HELD_OUT: [
        _design("crossover", 4.4, 1.62, 1.84, 1.12, 1.07, 0.92, 0.02, 0.16, 0.58, 0.75, 2),
        _design("fastback", 4.8, 1.40, 1.86, 1.00, 0.95, 0.76, 0.06, 0.34, 0.55, 0.73, 2),
        _design("city", 3.5, 1.52, 1.64, 1.02, 0.99, 0.84, 0.02, 0.10, 0.60, 0.82, 2),
        _design("limousine", 5.4, 1.50, 1.88, 1.04, 1.00, 0.84, 0.14, 0.24, 0.62, 0.73, 3),
        _design("boxvan", 4.2, 1.84, 1.80, 1.12, 1.08, 0.94, 0.01, 0.03, 0.60, 0.76, 2),
        _design("saloon", 4.3, 1.42, 1.70, 0.96, 0.94, 0.82, 0.20, 0.30, 0.54, 0.67, 2),
    ],
}
check_disjoint("cars", ASSETS)
GLASS = [(46, 58, 70), (70, 86, 98), (30, 36, 42), (110, 130, 144)]


def _panes(rear, roof_rear, roof_front, front, count):
    """Side windows: the greenhouse shrunk and cut by pillars."""
    quad = [np.array(p) for p in (rear, roof_rear, roof_front, front)]
    centre = sum(quad) / 4
    a, b, c, d = [centre + (p - centre) * np.array([0.90, 0.76]) for p in quad]
    cuts = np.linspace(0, 1, count + 1)
    panes = []
    for t0, t1 in zip(cuts[:-1], cuts[1:]):
        t0, t1 = t0 + 0.02, t1 - 0.02
        panes.append([a + (d - a) * t0, b + (c - b) * t0, b + (c - b) * t1, a + (d - a) * t1])
    return panes


def build(rng, split, night):
    d = dict(pick(rng, ASSETS, split))
    length, height = d["length"] * rng.uniform(0.95, 1.05), d["height"] * rng.uniform(0.96, 1.05)
    half, clear = d["width"] / 2 * rng.uniform(0.97, 1.03), rng.uniform(0.17, 0.26)
    x = lambda part: (part - 0.5) * length
    deck, belt, nose = d["deck"], d["belt"], d["nose"]
    rear_base, front_base = (x(d["rear_base"]), deck if d["rear_base"] > 0.1 else belt), (x(d["screen"]), belt)
    roof_rear, roof_front = (x(d["roof_rear"]), height), (x(d["roof_front"]), height - 0.01)
    tail = (x(0.0) + 0.03, deck - 0.04)
    profile = [(x(0) + 0.06, clear), tail, rear_base, roof_rear, roof_front, front_base, (x(1) - 0.14, nose), (x(1), clear + 0.22), (x(1) - 0.06, clear)]
    edges = ["rear", "deck", "back", "roof", "screen", "bonnet", "front", "bumper", "under"]
    paint = colour(rng, PAINT, split)
    glass = GLASS[int(rng.integers(len(GLASS)))]
    body = Body(profile, edges, half, paint, taper_from=belt, taper=rng.uniform(0.72, 0.86), top=height)
    body.sides.append(([(x(0) + 0.05, clear), (x(0) + 0.04, clear + 0.14), (x(1), clear + 0.2), (x(1) - 0.05, clear)], scaled(paint, 0.45), False))
    body.sides.append(([(x(0.04), belt - 0.16), (x(0.04), belt - 0.11), (x(0.93), nose - 0.12), (x(0.93), nose - 0.16)], scaled(paint, 1.22), False))
    for pane in _panes(rear_base, roof_rear, roof_front, front_base, d["panes"]):
        body.sides.append((pane, glass, False))
    _doors(body, d, x, clear, belt, paint)
    radius = rng.uniform(0.29, 0.35) * (1.12 if height > 1.6 else 1.0)
    body.wheels = [(x(rng.uniform(0.16, 0.20)), radius), (x(rng.uniform(0.80, 0.84)), radius)]
    body.hub = [(170, 172, 176), (60, 62, 66), (210, 212, 214)][int(rng.integers(3))]
    _ends(rng, body, glass, paint, night)
    return body, length


def _doors(body, d, x, clear, belt, paint):
    line = scaled(paint, 0.62)
    for part in ((0.36, 0.54, 0.70) if d["panes"] > 1 else (0.44, 0.70)):
        body.sides.append(([(x(part), clear + 0.2), (x(part), belt - 0.03), (x(part) + 0.03, belt - 0.03), (x(part) + 0.03, clear + 0.2)], line, False))
        body.sides.append(([(x(part) - 0.26, belt - 0.2), (x(part) - 0.26, belt - 0.16), (x(part) - 0.1, belt - 0.16), (x(part) - 0.1, belt - 0.2)], line, False))
    body.sides.append(([(x(0.95), 0.6), (x(0.95), 0.72), (x(0.99), 0.7), (x(0.99), 0.58)], (232, 228, 206), False))
    body.sides.append(([(x(0.0) + 0.03, 0.66), (x(0.0) + 0.03, 0.8), (x(0.045), 0.8), (x(0.045), 0.66)], (170, 28, 28), False))


def _ends(rng, body, glass, paint, night):
    lamp = (255, 246, 214) if night else (236, 234, 220)
    dark, plate = (28, 28, 30), (232, 230, 218)
    body.edge_paint.update(under=(20, 20, 22), bumper=scaled(paint, 0.7))
    body.decals["screen"] = [Decal(0.06, 0.94, -0.9, 0.9, glass)]
    body.decals["back"] = [Decal(0.1, 0.9, -0.86, 0.86, glass)]
    grille = rng.uniform(0.35, 0.6)
    body.decals["front"] = [Decal(0.3, 0.9, -grille, grille, dark), Decal(0.15, 0.6, -0.94, -0.64, lamp, night),
                            Decal(0.15, 0.6, 0.64, 0.94, lamp, night), Decal(0.66, 0.92, -0.26, 0.26, plate)]
    lit = bool(night or rng.random() < 0.3)
    red = (235, 40, 30) if lit else (150, 24, 24)
    body.decals["rear"] = [Decal(0.02, 0.2, -1, 1, dark), Decal(0.55, 0.85, -0.96, -0.66, red, lit), Decal(0.55, 0.85, 0.66, 0.96, red, lit),
                           Decal(0.5, 0.66, -0.26, 0.26, plate)]


def draw(canvas, camera, pose, built):
    body, length = built
    draw_ground_shadow(canvas, camera, pose, length / 2, body.half_width, 0.5)
    return lambda: draw_body(canvas, camera, pose, body)
