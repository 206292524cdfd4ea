"""Two ways to look at a street: across it, and along it. Each draws its ground and says where things may stand."""

from dataclasses import dataclass

import numpy as np

from . import buildings
from .palettes import SKY, pick
from .split import HELD_OUT, TRAIN, check_disjoint

# name, lanes, lane marking, pavement tone, road tone, crossing, verge
ASSETS = {
    TRAIN: [("two lanes", 2, "dash", (164, 160, 154), (82, 84, 88), False, None), ("avenue", 4, "dash", (178, 172, 160), (74, 76, 80), True, None),
            ("lane", 2, None, (150, 146, 140), (104, 100, 96), False, "grass"), ("crossing", 2, "solid", (170, 166, 160), (88, 90, 92), True, None),
            ("parkway", 3, "dash", (158, 150, 138), (80, 80, 82), False, "grass")],
    HELD_OUT: [("old town", 2, None, (172, 160, 146), (122, 112, 104), True, None), ("ring road", 3, "solid", (150, 152, 154), (70, 74, 80), False, None),
               ("suburb", 2, "dash", (180, 176, 166), (92, 92, 92), False, "hedge")],
}
check_disjoint("streets", ASSETS)


@dataclass
class Zones:
    """Where things may stand: lanes are (x0, x1, z0, z1, yaw), walks and kerbs are (x0, x1, z0, z1)."""
    lanes: list
    walks: list
    kerbs: list


def draw_sky(canvas, camera, rng, split, night):
    top, low = pick(rng, SKY, split)
    if night:
        top, low = (14, 18, 38), (52, 54, 80)
    top, low = np.array(top, float), np.array(low, float)
    h = camera.horizon
    canvas.depth = 60
    canvas.poly([(0, h), (camera.width, h), (camera.width, camera.height), (0, camera.height)], low * 0.8, 1.0, True)
    canvas.depth = 0
    rows = max(8, int(camera.horizon / 6))
    for i in range(rows):
        y0, y1 = camera.horizon * i / rows, camera.horizon * (i + 1) / rows + 1
        canvas.poly([(0, y0), (camera.width, y0), (camera.width, y1), (0, y1)], top + (low - top) * i / rows, 1.0, True)
    for _ in range(int(rng.integers(0, 5))):
        x, y = rng.uniform(0, camera.width), rng.uniform(0, camera.horizon * 0.7)
        for _ in range(5):
            r = rng.uniform(0.02, 0.06) * camera.width
            canvas.ellipse(x + rng.normal(0, r), y + rng.normal(0, r * 0.2), r, r * 0.4, low * (0.9 + 0.1 * rng.random()), 1.0, True)
    return low


def _ground(canvas, camera, tone, x0, x1, z0, z1, shade=1.0):
    canvas.depth = (max(z0, 1.2) + min(z1, 60)) / 2
    canvas.poly(camera.ground_quad(x0, x1, z0, z1), tone, shade)


def _verge(canvas, camera, rng, kind, at, length):
    if kind == "hedge":
        canvas.poly([at(-length, 0), at(length, 0), at(length, 1.3), at(-length, 1.3)], (58, 92, 54))
    elif kind == "grass" and rng.random() < 0.5:
        canvas.poly([at(-length, 0), at(length, 0), at(length, 0.9), at(-length, 0.9)], (150, 140, 124))


def draw_across(canvas, camera, rng, split, night):
    name, lanes, mark, paving, road, crossing, verge = pick(rng, ASSETS, split)
    near = rng.uniform(4.0, 7.5)
    width = lanes * 3.3
    far = near + width
    wall = far + rng.uniform(2.5, 5.0)
    canvas.depth = wall
    s, limit = -wall * 1.6, wall * 1.6
    while s < limit:
        house, span = buildings.sample(rng, split, night), rng.uniform(7, 16)
        if rng.random() < 0.82:
            buildings.draw_front(canvas, rng, house, lambda x, h: camera.project(x, h, wall), (s, s + span))
        s += span + (rng.uniform(0, 4) if rng.random() < 0.3 else 0)
    tone = (96, 128, 72) if verge else paving
    _ground(canvas, camera, tone, -200, 200, wall, 300)
    _ground(canvas, camera, paving, -200, 200, far, wall)
    _verge(canvas, camera, rng, verge, lambda x, h: camera.project(x, h, wall - 0.2), 80)
    _ground(canvas, camera, (190, 188, 182), -200, 200, far, far + 0.25)
    _ground(canvas, camera, road, -200, 200, near, far)
    _ground(canvas, camera, paving, -200, 200, 0.5, near)
    _ground(canvas, camera, (192, 190, 184), -200, 200, near - 0.2, near)
    if mark:
        for k in range(1, lanes):
            z = near + width * k / lanes
            for x in np.arange(-40, 40, 5.0):
                _ground(canvas, camera, (222, 220, 208), x, x + (5.0 if mark == "solid" else 2.4), z - 0.07, z + 0.07)
    if crossing:
        x = rng.uniform(-5, 3)
        for z in np.arange(near + 0.4, far - 0.3, 1.0):
            _ground(canvas, camera, (226, 224, 216), x, x + 3.0, z, z + 0.5)
    span = far * 0.8
    lane_list = [(-span, span, near + width * (k + 0.35) / lanes, near + width * (k + 0.65) / lanes, 0.0 if k % 2 else np.pi) for k in range(lanes)]
    return Zones(lane_list, [(-span, span, far + 0.6, wall - 0.6), (-span, span, 3.2, near - 0.4), (-span, span, near, far)],
                 [(-span, span, far + 0.3, far + 0.8), (-span * 0.7, span * 0.7, max(3.6, near - 0.8), near - 0.3)])


def _row(canvas, camera, rng, split, night, x, depth):
    """A row of house fronts along one side, from far to near."""
    edges = [2.0]
    while edges[-1] < depth:
        edges.append(edges[-1] + rng.uniform(7, 15))
    for z0, z1 in reversed(list(zip(edges[:-1], edges[1:]))):
        house = buildings.sample(rng, split, night)
        canvas.depth = (z0 + z1) / 2
        if rng.random() < 0.86:
            top = house["storey"] * house["storeys"] + 0.6
            outward = x + np.sign(x) * 8
            canvas.poly([camera.project(x, 0, z0), camera.project(outward, 0, z0), camera.project(outward, top, z0), camera.project(x, top, z0)], house["wall"], 0.8)
            buildings.draw_front(canvas, rng, house, lambda s, h: camera.project(x, h, s), (z0, z1))


def draw_along(canvas, camera, rng, split, night):
    name, lanes, mark, paving, road, crossing, verge = pick(rng, ASSETS, split)
    lane = rng.uniform(3.0, 3.6)
    width = lanes * lane
    left = -rng.uniform(0.15, 0.75) * width - (2.5 if rng.random() < 0.3 else 0)
    right = left + width
    walk = rng.uniform(2.5, 4.5)
    depth = 70
    _ground(canvas, camera, (96, 126, 72) if verge else paving, -200, 200, 1.2, 400, 0.95)
    for x in (left - walk, right + walk):
        _row(canvas, camera, rng, split, night, x, depth)
    _ground(canvas, camera, paving, left - walk, right + walk, 1.2, 200)
    _ground(canvas, camera, (194, 192, 186), left - 0.25, right + 0.25, 1.2, 200)
    _ground(canvas, camera, road, left, right, 1.2, 200)
    if mark:
        for k in range(1, lanes):
            x = left + lane * k
            for z in np.arange(1.5, 60, 6.0):
                _ground(canvas, camera, (222, 220, 208), x - 0.07, x + 0.07, z, z + (6.0 if mark == "solid" else 3.0))
    if crossing:
        z = rng.uniform(7, 14)
        for x in np.arange(left + 0.3, right - 0.3, 1.0):
            _ground(canvas, camera, (226, 224, 216), x, x + 0.5, z, z + 3.0)
    lane_list = []
    for k in range(lanes):
        yaw = -np.pi / 2 if k < (lanes + 1) // 2 else np.pi / 2
        lane_list.append((left + lane * (k + 0.4), left + lane * (k + 0.6), 5, 32, yaw))
    return Zones(lane_list, [(left - walk + 0.4, left - 0.4, 4, 22), (right + 0.4, right + walk - 0.4, 4, 22), (left, right, 7, 16)],
                 [(left - 0.9, left - 0.3, 6, 24), (right + 0.3, right + 0.9, 6, 24)])
