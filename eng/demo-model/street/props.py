"""Street furniture and trees: things that are in every street and in no class."""

import numpy as np

from .split import HELD_OUT, TRAIN, check_disjoint, pick

ASSETS = {
    TRAIN: ["round tree", "lamp", "bin", "hydrant", "sign", "bench", "cone", "bollard"],
    HELD_OUT: ["tall tree", "twin lamp", "post box", "board sign", "planter", "barrier"],
}
check_disjoint("props", ASSETS)
LEAVES = {TRAIN: [(60, 104, 50), (84, 124, 56), (150, 120, 50)], HELD_OUT: [(48, 92, 62), (110, 130, 60), (166, 96, 44)]}


def _tree(c, rng, at, s, split, tall):
    leaf = pick(rng, LEAVES, split)
    height = rng.uniform(4, 7)
    c.line([at(0, 0), at(0, height * 0.6)], (78, 60, 46), 0.28 * s)
    for _ in range(16):
        x, z = rng.normal(0, 0.7 if tall else 1.1), height * (rng.uniform(0.4, 1.05) if tall else rng.uniform(0.55, 0.95))
        u, v = at(x, z)
        r = rng.uniform(0.5, 1.1) * s
        c.ellipse(u, v, r, r * 0.9, np.array(leaf) * rng.uniform(0.65, 1.2))


def _lamp(c, rng, at, s, twin, night):
    tone, h = (70, 74, 78), rng.uniform(4.5, 6.5)
    c.line([at(0, 0), at(0, h)], tone, max(1.0, 0.12 * s))
    for side in ((-1, 1) if twin else (1,)):
        c.line([at(0, h), at(side * 0.9, h + 0.15)], tone, max(1.0, 0.08 * s))
        u, v = at(side * 1.0, h + 0.1)
        c.ellipse(u, v, 0.28 * s, 0.12 * s, (250, 232, 180) if night else (210, 210, 204), 1.0, night)
        if night:
            c.glow(u, v, 1.4 * s, (250, 220, 150))


def _box(c, at, x, w, z0, z1, tone):
    c.poly([at(x - w / 2, z0), at(x + w / 2, z0), at(x + w / 2, z1), at(x - w / 2, z1)], tone)


def _small(c, rng, at, s, kind):
    if kind == "bin":
        _box(c, at, 0, 0.5, 0, 0.95, (54, 84, 60)), _box(c, at, 0, 0.56, 0.9, 1.0, (34, 40, 38))
    elif kind == "hydrant":
        _box(c, at, 0, 0.26, 0, 0.62, (196, 52, 40)), _box(c, at, 0, 0.42, 0.34, 0.46, (170, 42, 34))
    elif kind == "sign":
        c.line([at(0, 0), at(0, 2.5)], (130, 132, 134), max(1.0, 0.07 * s))
        u, v = at(0, 2.5)
        c.ellipse(u, v, 0.34 * s, 0.34 * s, (200, 44, 40)), c.ellipse(u, v, 0.24 * s, 0.24 * s, (240, 240, 236))
    elif kind == "bench":
        _box(c, at, 0, 1.7, 0.4, 0.5, (120, 86, 56)), _box(c, at, 0, 1.7, 0.62, 0.9, (120, 86, 56))
        _box(c, at, -0.7, 0.1, 0, 0.5, (60, 60, 62)), _box(c, at, 0.7, 0.1, 0, 0.5, (60, 60, 62))
    elif kind == "cone":
        c.poly([at(-0.22, 0), at(0.22, 0), at(0.05, 0.7), at(-0.05, 0.7)], (232, 104, 36)), _box(c, at, 0, 0.26, 0.26, 0.4, (240, 236, 226))
    elif kind == "bollard":
        for x in (-1.2, 0, 1.2):
            _box(c, at, x, 0.16, 0, 0.9, (64, 66, 70))
    elif kind == "post box":
        _box(c, at, 0, 0.5, 0, 1.35, (204, 160, 30)), _box(c, at, 0, 0.34, 1.0, 1.06, (30, 30, 30))
    elif kind == "board sign":
        c.line([at(0, 0), at(0, 2.2)], (130, 132, 134), max(1.0, 0.07 * s)), _box(c, at, 0, 0.9, 1.9, 2.6, (40, 80, 150)), _box(c, at, 0, 0.6, 2.2, 2.3, (236, 236, 236))
    elif kind == "planter":
        _box(c, at, 0, 1.4, 0, 0.5, (140, 130, 118))
        for x in (-0.45, 0, 0.45):
            u, v = at(x, 0.65)
            c.ellipse(u, v, 0.34 * s, 0.28 * s, (70, 112, 60))
    else:
        _box(c, at, 0, 1.8, 0.6, 1.0, (236, 234, 228)), _box(c, at, -0.5, 0.4, 0.6, 1.0, (208, 50, 40)), _box(c, at, 0.4, 0.4, 0.6, 1.0, (208, 50, 40))
        _box(c, at, -0.7, 0.08, 0, 1.0, (90, 90, 92)), _box(c, at, 0.7, 0.08, 0, 1.0, (90, 90, 92))


def draw(canvas, camera, rng, x, z, split, night):
    """Draws one random prop standing at (x, z)."""
    kind = pick(rng, ASSETS, split)
    scale = camera.scale(z)
    at = lambda dx, dz: camera.project(x + dx, dz, z)
    if "tree" in kind:
        _tree(canvas, rng, at, scale, split, kind.startswith("tall"))
    elif "lamp" in kind:
        _lamp(canvas, rng, at, scale, kind.startswith("twin"), night)
    else:
        _small(canvas, rng, at, scale, kind)
