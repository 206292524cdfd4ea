"""Buses: city, coach, school, double-decker and others, in liveries."""

import numpy as np

from .extrude import Body, Decal, draw_body, draw_ground_shadow
from .palettes import LIVERY, jitter, scaled
from .split import HELD_OUT, TRAIN, check_disjoint, pick

_FIELDS = ("name", "length", "height", "width", "sill", "head", "slope", "panes", "doors", "scheme", "decks", "roofbox")


def _design(*values):
    return dict(zip(_FIELDS, values))


# sill/head: lower and upper edge of the window band in metres; slope: how far the front leans back; doors: from the rear, 0..1.
ASSETS = {
    TRAIN: [
        _design("city", 11.0, 3.0, 2.5, 1.15, 2.45, 0.10, 6, (0.50, 0.93), "skirt", 1, None),
        _design("coach", 12.0, 3.5, 2.5, 1.80, 2.90, 0.45, 7, (0.94,), "stripe", 1, None),
        _design("school", 9.5, 3.0, 2.4, 1.55, 2.40, 0.08, 8, (0.92,), "band", 1, None),
        _design("minibus", 7.0, 2.75, 2.2, 1.25, 2.25, 0.55, 4, (0.80,), "plain", 1, None),
        _design("double-decker", 10.5, 4.3, 2.5, 1.20, 2.10, 0.20, 6, (0.93,), "plain", 2, None),
        _design("trolley", 11.5, 3.1, 2.5, 1.10, 2.50, 0.15, 5, (0.15, 0.52, 0.93), "stripe", 1, (0.3, 0.7)),
        _design("gas", 10.0, 2.95, 2.5, 1.20, 2.40, 0.12, 5, (0.48, 0.93), "skirt", 1, (0.1, 0.45)),
    ],
    HELD_OUT: [
        _design("midi", 8.5, 2.9, 2.35, 1.20, 2.35, 0.22, 5, (0.55, 0.92), "stripe", 1, None),
        _design("electric", 11.8, 3.2, 2.55, 1.00, 2.55, 0.30, 5, (0.20, 0.55, 0.94), "skirt", 1, (0.45, 0.9)),
        _design("retro", 9.0, 2.85, 2.4, 1.40, 2.30, 0.35, 7, (0.10, 0.90), "band", 1, None),
        _design("tour", 10.8, 4.1, 2.5, 1.35, 2.20, 0.40, 7, (0.94,), "skirt", 2, None),
        _design("intercity", 12.5, 3.3, 2.5, 1.50, 2.70, 0.30, 8, (0.52, 0.95), "plain", 1, None),
    ],
}
check_disjoint("buses", ASSETS)
GLASS = [(50, 62, 74), (76, 92, 104), (34, 42, 50), (96, 116, 130)]


def _rect(x0, x1, z0, z1):
    return [(x0, z0), (x0, z1), (x1, z1), (x1, z0)]


def build(rng, split, night):
    d = dict(pick(rng, ASSETS, split))
    length, height = d["length"] * rng.uniform(0.93, 1.06), d["height"] * rng.uniform(0.97, 1.04)
    half, clear, slope = d["width"] / 2, rng.uniform(0.26, 0.36), d["slope"] * rng.uniform(0.8, 1.2)
    back, nose = -length / 2, length / 2
    main, second = (jitter(rng, c, 8) for c in pick(rng, LIVERY, split))
    glass = (236, 214, 150) if night and rng.random() < 0.6 else GLASS[int(rng.integers(len(GLASS)))]
    sill = d["sill"] * 0.92
    profile = [(back + 0.05, clear), (back, height - 0.25), (back + 0.18, height), (nose - slope - 0.25, height), (nose - slope, height - 0.12),
               (nose - slope * 0.85, height - 0.5), (nose - 0.02, sill), (nose, clear + 0.25), (nose - 0.05, clear)]
    edges = ["rear", "roof", "roof", "roof", "board", "screen", "front", "bumper", "under"]
    body = Body(profile, edges, half, main, taper_from=height * 0.6, taper=0.96, top=height)
    body.edge_paint.update(roof=scaled(main, 0.95), under=(20, 20, 22), bumper=scaled(main, 0.5), board=(30, 30, 32))
    _livery(body, d["scheme"], back, nose, clear, height, sill, second, main)
    _windows(rng, body, d, length, back, nose, slope, glass, clear, height, night)
    _ends(body, glass, second, night, d["decks"])
    radius = rng.uniform(0.44, 0.52) if length > 8 else rng.uniform(0.36, 0.42)
    body.wheels = [(back + length * rng.uniform(0.2, 0.27), radius), (nose - length * rng.uniform(0.17, 0.24), radius)]
    if length > 11 and rng.random() < 0.4:
        body.wheels.append((body.wheels[0][0] - radius * 2.4, radius))
    box = None
    if d["roofbox"]:
        box = Body([(back + length * d["roofbox"][0], height), (back + length * d["roofbox"][0] + 0.2, height + 0.3),
                    (back + length * d["roofbox"][1] - 0.2, height + 0.3), (back + length * d["roofbox"][1], height)],
                   ["rear", "roof", "front", "under"], half * 0.8, scaled(main, 0.85))
    return body, length, box


def _livery(body, scheme, back, nose, clear, height, sill, second, main):
    if scheme == "skirt":
        body.sides.append((_rect(back + 0.04, nose - 0.03, clear, sill - 0.35), second, False))
    elif scheme == "stripe":
        body.sides.append((_rect(back + 0.03, nose - 0.02, sill - 0.45, sill - 0.2), second, False))
    elif scheme == "band":
        for z in (0.62, 0.95):
            body.sides.append((_rect(back + 0.04, nose - 0.02, z, z + 0.07), second, False))
    body.sides.append((_rect(back + 0.04, nose - 0.03, clear, clear + 0.12), scaled(main, 0.4), False))
    body.sides.append((_rect(back + 0.1, nose - 0.5, height - 0.16, height - 0.1), scaled(main, 0.75), False))


def _windows(rng, body, d, length, back, nose, slope, glass, clear, height, night):
    sill, head = d["sill"], d["head"]
    pillar = rng.uniform(0.05, 0.12)
    front_gap = max(0.25, slope * 0.9)
    edges = np.linspace(back + 0.35, nose - front_gap - 0.1, d["panes"] + 1)
    if rng.random() < 0.4:
        body.sides.append((_rect(edges[0] - 0.1, edges[-1] + 0.1, sill - 0.05, head + 0.05), (28, 30, 34), False))
    for x0, x1 in zip(edges[:-1], edges[1:]):
        body.sides.append((_rect(x0 + pillar, x1 - pillar, sill, head), glass, night))
    if d["decks"] == 2:
        for x0, x1 in zip(edges[:-1], edges[1:]):
            body.sides.append((_rect(x0 + pillar, x1 - pillar, height - 1.45, height - 0.55), glass, night))
    for part in d["doors"]:
        middle, wide = back + length * part - 0.25, rng.uniform(0.45, 0.62)
        if middle + wide > nose - 0.2:
            middle = nose - 0.2 - wide
        body.sides.append((_rect(middle - wide, middle + wide, clear + 0.06, head + 0.04), (36, 38, 42), False))
        for sign in (-1, 1):
            x0, x1 = sorted((middle + sign * 0.05, middle + sign * (wide - 0.06)))
            body.sides.append((_rect(x0, x1, clear + 0.2, head - 0.06), scaled(glass, 1.15), night))


def _ends(body, glass, second, night, decks):
    lamp = (255, 246, 214) if night else (238, 236, 222)
    low = 0.55 if decks == 2 else 0.04
    body.decals["board"] = [Decal(0.25, 0.8, -0.6, 0.6, (250, 176, 40), True)]
    body.decals["screen"] = [Decal(low, 0.96, -0.94, 0.94, glass, False)]
    if decks == 2:
        body.decals["screen"].append(Decal(0.05, 0.33, -0.92, 0.92, glass, False))
    body.decals["front"] = [Decal(0.0, 0.12, -1, 1, second), Decal(0.55, 0.85, -0.94, -0.62, lamp, night), Decal(0.55, 0.85, 0.62, 0.94, lamp, night),
                            Decal(0.6, 0.85, -0.22, 0.22, (230, 230, 220))]
    body.decals["rear"] = [Decal(0.55, 0.85, -0.8, 0.8, glass), Decal(0.1, 0.2, -0.95, -0.7, (190, 30, 28), night), Decal(0.1, 0.2, 0.7, 0.95, (190, 30, 28), night),
                           Decal(0.22, 0.42, -0.7, 0.7, (40, 42, 46)), Decal(0.9, 0.97, -0.4, 0.4, (250, 176, 40), True)]


def draw(canvas, camera, pose, built):
    body, length, box = built
    draw_ground_shadow(canvas, camera, pose, length / 2, body.half_width, 0.55)

    def paint():
        if box:
            draw_body(canvas, camera, pose, box)
        draw_body(canvas, camera, pose, body)
    return paint
