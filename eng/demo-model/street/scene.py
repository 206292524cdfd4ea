"""Puts a scene together and reads the ground truth from what can be seen of each object."""

import numpy as np
from PIL import Image

from . import bicycles, buses, cars, dogs, people, props, streets, traffic_lights, weather
from .camera import Pose, sample_camera
from .canvas import Canvas
from .split import CLASSES, asset_split

DRAWERS = {"bus": buses, "person": people, "car": cars, "bicycle": bicycles, "dog": dogs, "traffic light": traffic_lights}
# Chance of each class when filling a scene beyond its leading class, and the depths (m) at which it still can be told.
WEIGHTS = np.array([0.13, 0.27, 0.20, 0.15, 0.12, 0.13])
FARTHEST = {"bus": 34, "person": 20, "car": 26, "bicycle": 15, "dog": 10, "traffic light": 17}
NEAREST = {"bus": 6.5, "person": 3.4, "car": 5.0, "bicycle": 3.6, "dog": 3.0, "traffic light": 5.0}
VISIBLE_MIN = 0.35      # an object of which less can be seen is taken out of the scene
SIDE_MIN, LONG_MIN = 0.022, 0.045    # smallest short and long side of a box, as fractions of the picture's width


class _Item:
    def __init__(self, label, pose, built, box):
        self.label, self.pose, self.built, self.box = label, pose, built, box


def _reach(label, built, pose):
    """Local corner points whose projection bounds the object, generously."""
    if label in ("bus", "car"):
        half, wide, top = built[1] / 2, built[0].half_width, max(z for _, z in built[0].profile)
        return [pose.world(x, y, z) for x in (-half, half) for y in (-wide, wide) for z in (0, top)]
    if label == "bicycle":
        half = built["base"] / 2 + built["radius"]
        top = 1.9 if built["rider"] else built["saddle"] + 0.2
        return [pose.world(x, y, z) for x in (-half, half) for y in (-0.25, 0.25) for z in (0, top)]
    if label == "traffic light":
        return [(pose.x + s * built["width"] / 2, h, pose.z) for s in (-1, 1) for h in (built["base"], built["base"] + built["height"])]
    half = 0.22 * built["height"] if label == "person" else built["height"] * (0.5 * built["body"] + 0.4)
    top = built["height"] * (1.0 if label == "person" else 1.35)
    return [(pose.x + s * half, h, pose.z) for s in (-1, 1) for h in (0, top)]


def _place(rng, camera, zones, label, built):
    """A random pose in a fitting zone whose projection is mostly inside the picture, or None."""
    if label in ("bus", "car"):
        x0, x1, z0, z1, yaw = zones.lanes[int(rng.integers(len(zones.lanes)))]
        yaw += rng.normal(0, 0.12) if rng.random() < 0.75 else rng.uniform(-0.7, 0.7)
    else:
        spots = zones.kerbs if label == "traffic light" else zones.walks
        x0, x1, z0, z1 = spots[int(rng.integers(len(spots)))]
        yaw = rng.choice([0, np.pi]) + rng.normal(0, 0.45)
    z0, z1 = max(z0, NEAREST[label]), min(z1, FARTHEST[label])
    if z1 < z0:
        return None
    z = np.exp(rng.uniform(np.log(z0), np.log(z1)))
    edge = 0.6 * z * camera.width / camera.focal
    x0, x1 = max(x0, -edge), min(x1, edge)
    if x1 < x0:
        return None
    pose = Pose(rng.uniform(x0, x1), z, yaw)
    corners = _reach(label, built, pose)
    if min(c[2] for c in corners) < 1.8:
        return None
    points = np.array([camera.project(*c) for c in corners])
    (l, t), (r, b) = points.min(0), points.max(0)
    inside = max(0, min(r, camera.width) - max(l, 0)) * max(0, min(b, camera.height) - max(t, 0))
    if inside < 0.5 * (r - l) * (b - t) or inside > 0.75 * camera.width * camera.height:
        return None
    return _Item(label, pose, built, (l, t, r, b))


def _hidden(a, b):
    """The share of box a that box b covers."""
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0, w) * max(0, h) / max(1.0, (a[2] - a[0]) * (a[3] - a[1]))


def _fits(item, others, limit):
    for other in others:
        near, far = (item, other) if item.pose.z < other.pose.z else (other, item)
        if _hidden(far.box, near.box) > limit or (abs(near.pose.z - far.pose.z) < 0.7 and _hidden(near.box, far.box) > 0.25):
            return False
    return True


def _populate(rng, camera, zones, split, night, leading, total):
    items = []
    for turn in range(total):
        label = leading[turn] if turn < len(leading) else str(rng.choice(CLASSES, p=WEIGHTS))
        limit = rng.choice([0.08, 0.35, 0.6])
        for _ in range(14):
            if label == "bicycle":
                built = bicycles.build(rng, split, night, ridden=bool(rng.random() < 0.45))
            else:
                built = DRAWERS[label].build(rng, split, night)
            item = _place(rng, camera, zones, label, built)
            if item and _fits(item, items, limit):
                items.append(item)
                break
    return items


def _furnish(rng, zones, split, night):
    """Props, which hide what is behind them like any object but are in no class."""
    items = []
    for _ in range(int(rng.integers(0, 6))):
        x0, x1, z0, z1 = zones.walks[int(rng.integers(2))]
        items.append(_Item(None, Pose(rng.uniform(x0, x1), rng.uniform(max(z0, 5), max(z1, 7)), 0.0), None, None))
    return items


def _paint(canvas, camera, rng, split, night, items):
    """Draws far to near. Returns [(label, identity, pixels before anything nearer was drawn)]."""
    drawn, identity = [], 1
    for item in sorted(items, key=lambda i: -i.pose.z):
        canvas.object_id, canvas.depth = 0, item.pose.z
        if item.label is None:
            props.draw(canvas, camera, rng, item.pose.x, item.pose.z, split, night)
            continue
        paint = DRAWERS[item.label].draw(canvas, camera, item.pose, item.built)
        canvas.object_id = identity
        paint()
        if item.label == "bicycle" and item.built["rider"]:
            bike = (item, identity, canvas.count(identity))
            identity += 1
            canvas.object_id = identity
            bicycles.paint_rider(canvas, camera, item.pose, item.built)
            drawn += [("bicycle", bike[1], bike[2]), ("person", identity, canvas.count(identity))]
        else:
            drawn.append((item.label, identity, canvas.count(identity)))
        identity += 1
    canvas.object_id = 0
    return drawn


def _truth(canvas, drawn):
    """Boxes of what is visible, in picture pixels; None if something visible is too hidden or too small to be asked for."""
    ids, truth = np.asarray(canvas.ids), []
    for label, identity, painted in drawn:
        mask = ids == identity
        seen = int(mask.sum())
        if seen == 0:
            continue
        columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
        l, r, t, b = columns[0] / canvas.ss, (columns[-1] + 1) / canvas.ss, rows[0] / canvas.ss, (rows[-1] + 1) / canvas.ss
        short, long = sorted((r - l, b - t))
        if seen < VISIBLE_MIN * painted or short < SIDE_MIN * canvas.width or long < LONG_MIN * canvas.width:
            return None
        truth.append({"label": label, "box": [round(float(v), 1) for v in (l, t, r, b)]})
    return truth


def _attempt(rng, split, width, height, supersample, leading):
    camera = sample_camera(rng, width, height)
    conditions = weather.sample(rng)
    night = conditions["kind"] == "night"
    canvas = Canvas(width, height, supersample)
    horizon = streets.draw_sky(canvas, camera, rng, split, night)
    canvas.light = conditions["light"]
    canvas.haze = (horizon * 0.9 + 10 if conditions["kind"] != "night" else horizon, conditions["density"])
    draw_street = streets.draw_across if rng.random() < 0.5 else streets.draw_along
    zones = draw_street(canvas, camera, rng, split, night)
    items = _populate(rng, camera, zones, split, night, leading, len(leading) + int(rng.integers(0, 6)))
    drawn = _paint(canvas, camera, rng, split, night, items + _furnish(rng, zones, split, night))
    truth = _truth(canvas, drawn)
    missing = truth is None or any(label not in [t["label"] for t in truth] for label in leading)
    return canvas, conditions, truth, missing


def render(seed, purpose, width=320, height=240, supersample=2, leading=None, grain=1.0):
    """One picture (PIL, RGB) and its truth [{label, box: [x0, y0, x1, y1]}]. leading: classes that must be in it."""
    leading = list(leading) if leading else [CLASSES[seed % len(CLASSES)]]
    for attempt in range(400):
        rng = np.random.default_rng([seed, attempt])
        canvas, conditions, truth, missing = _attempt(rng, asset_split(purpose), width, height, supersample, leading)
        if not missing:
            picture = canvas.rgb.resize((width, height), Image.BOX) if supersample != 1 else canvas.rgb
            return weather.finish(rng, picture, conditions, canvas.glows, grain), truth
    raise RuntimeError(f"no scene found for seed {seed} with {leading}; widen the camera or ask for fewer classes")
