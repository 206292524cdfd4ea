"""Traffic lights: the labelled object is the head with its lamps; pole and arm are background."""

import numpy as np

from .split import HELD_OUT, TRAIN, check_disjoint, pick

RED, AMBER, GREEN = (250, 46, 36), (252, 178, 30), (40, 226, 120)
# name, head height and width (m), housing, board (border around the head), visors, mount
ASSETS = {
    TRAIN: [("plain", 0.95, 0.36, (34, 36, 38), None, True, "pole"), ("yellow", 0.92, 0.36, (206, 160, 36), None, True, "arm"),
            ("board", 0.90, 0.34, (28, 30, 32), (230, 230, 226), False, "pole"), ("green", 0.98, 0.38, (36, 66, 52), None, False, "pole"),
            ("wire", 0.95, 0.36, (188, 150, 44), None, True, "wire"), ("grey", 0.88, 0.36, (92, 96, 100), None, True, "pole"),
            ("black-board", 0.92, 0.32, (40, 42, 44), (14, 14, 16), True, "arm")],
    HELD_OUT: [("rounded", 0.96, 0.38, (46, 48, 54), None, False, "pole"), ("ochre", 0.90, 0.34, (176, 128, 40), (24, 24, 26), True, "arm"),
               ("slim", 1.00, 0.34, (58, 66, 62), None, True, "pole"), ("framed", 0.92, 0.35, (30, 32, 36), (214, 206, 160), True, "pole"),
               ("hung", 0.94, 0.37, (70, 78, 74), None, False, "wire")],
}
check_disjoint("traffic lights", ASSETS)


def build(rng, split, night):
    name, height, width, housing, board, visors, mount = pick(rng, ASSETS, split)
    base = {"pole": rng.uniform(2.1, 2.9), "arm": rng.uniform(3.6, 4.6), "wire": rng.uniform(3.8, 4.8)}[mount]
    grow = rng.uniform(0.92, 1.22)
    return {"height": height * grow, "width": width * grow, "housing": np.clip(np.array(housing) * rng.uniform(0.85, 1.15), 0, 255), "board": board,
            "visors": visors, "mount": mount, "base": base, "lit": int(rng.integers(4)), "night": night, "round": name in ("rounded", "wire"),
            "turn": rng.uniform(0.86, 1.0), "reach": rng.uniform(1.2, 2.6) * (1 if rng.random() < 0.5 else -1), "pole": rng.uniform(60, 120)}


def support(canvas, camera, pose, built):
    """Pole, arm or wire, drawn as background before the head."""
    z, tone = pose.z, (built["pole"],) * 3
    scale = camera.scale(z)
    top = built["base"] + built["height"]
    if built["mount"] == "pole":
        canvas.line([camera.project(pose.x, 0, z), camera.project(pose.x, top, z)], tone, max(1.2, 0.12 * scale))
    elif built["mount"] == "arm":
        foot = pose.x + built["reach"]
        canvas.line([camera.project(foot, 0, z), camera.project(foot, top + 0.15, z)], tone, max(1.2, 0.16 * scale))
        canvas.line([camera.project(foot, top + 0.1, z), camera.project(pose.x, top + 0.05, z)], tone, max(1.0, 0.09 * scale))
    else:
        canvas.line([camera.project(pose.x - 14, top + 0.9, z), camera.project(pose.x, top + 0.1, z), camera.project(pose.x + 14, top + 0.9, z)], (40, 40, 44), max(1.0, 0.03 * scale))


def paint_head(canvas, camera, pose, d):
    scale = camera.scale(pose.z)
    x, bottom = camera.project(pose.x, d["base"], pose.z)
    h, w = d["height"] * scale, d["width"] * scale * d["turn"]
    if d["board"] is not None:
        pad = w * 0.22
        canvas.poly([(x - w / 2 - pad, bottom + pad), (x + w / 2 + pad, bottom + pad), (x + w / 2 + pad, bottom - h - pad), (x - w / 2 - pad, bottom - h - pad)], d["board"])
    cut = w * (0.3 if d["round"] else 0.06)
    l, r, t, b = x - w / 2, x + w / 2, bottom - h, bottom
    canvas.poly([(l + cut, t), (r - cut, t), (r, t + cut), (r, b - cut), (r - cut, b), (l + cut, b), (l, b - cut), (l, t + cut)], d["housing"])
    for index, tone in enumerate((RED, AMBER, GREEN)):
        y = t + h * (index + 0.5) / 3
        radius = min(w * 0.38, h * 0.145)
        lit = d["lit"] == index or (d["lit"] == 3 and index == 0)
        dim = tuple(c * 0.2 + 14 for c in tone)
        canvas.ellipse(x, y, radius, radius, tone if lit else dim, 1.0, lit)
        if lit:
            canvas.ellipse(x, y, radius * 0.5, radius * 0.5, tuple(min(255, c + 50) for c in tone), 1.0, True)
            canvas.glow(x, y, radius * (3.4 if d["night"] else 1.8), tone)
        if d["visors"] and radius > 2:
            canvas.line([(x - radius, y - radius * 0.3), (x - radius * 0.7, y - radius * 0.95), (x + radius * 0.7, y - radius * 0.95), (x + radius, y - radius * 0.3)],
                        np.array(d["housing"]) * 0.6, max(0.8, radius * 0.24))


def draw(canvas, camera, pose, built):
    support(canvas, camera, pose, built)
    return lambda: paint_head(canvas, camera, pose, built)
