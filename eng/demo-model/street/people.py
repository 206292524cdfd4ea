"""People: bodies, outfits, gait, seen from the front, the back or the side, and riding."""

import numpy as np

from .palettes import CLOTH, HAIR, SKIN, colour, scaled
from .split import HELD_OUT, TRAIN, check_disjoint, pick

# top, bottom, hat, carry
OUTFITS = {
    TRAIN: [("tee", "trousers", None, None), ("jacket", "trousers", "cap", None), ("coat", "trousers", None, "bag"),
            ("dress", "bare", None, None), ("hoodie", "trousers", "hood", "backpack"), ("tee", "shorts", "cap", None),
            ("shirt", "skirt", None, "bag"), ("vest", "trousers", "helmet", None), ("jacket", "trousers", "beanie", "backpack")],
    HELD_OUT: [("tee", "trousers", "beanie", "bag"), ("coat", "skirt", "brim", None), ("stripes", "shorts", None, "backpack"),
               ("dress", "leggings", "brim", "bag"), ("vest", "shorts", None, None), ("poncho", "trousers", None, None)],
}
# name, height in metres, width factor, head as a fraction of height
BODIES = {
    TRAIN: [("average", 1.72, 1.0, 0.066), ("tall", 1.90, 0.96, 0.060), ("stout", 1.68, 1.28, 0.066), ("child", 1.22, 0.98, 0.088),
            ("slim", 1.66, 0.86, 0.064)],
    HELD_OUT: [("broad", 1.80, 1.16, 0.063), ("short", 1.56, 1.04, 0.070), ("teen", 1.42, 0.90, 0.078), ("lanky", 1.84, 0.88, 0.062)],
}
check_disjoint("outfits", OUTFITS)
check_disjoint("bodies", BODIES)
RIDING = "riding"


def build(rng, split, night, pose_kind=None):
    top, bottom, hat, carry = pick(rng, OUTFITS, split)
    _, height, width, head = pick(rng, BODIES, split)
    return {
        "top": top, "bottom": bottom, "hat": hat, "carry": carry, "height": height * rng.uniform(0.95, 1.06), "width": width * rng.uniform(0.94, 1.08),
        "head": head, "skin": colour(rng, SKIN, split, 8), "hair": colour(rng, HAIR, split, 8), "cloth": colour(rng, CLOTH, split),
        "legs": colour(rng, CLOTH, split), "extra": colour(rng, CLOTH, split), "long_hair": bool(rng.random() < 0.4),
        "view": pose_kind or ("side", "front", "back")[int(rng.integers(3))], "stride": rng.uniform(0.0, 0.55), "swing": rng.uniform(-0.2, 0.6),
        "facing": 1 if rng.random() < 0.5 else -1, "raise": rng.random() < 0.12, "lean": rng.normal(0, 0.03),
    }


class _Figure:
    """Limbs in units of the body's height, x to the right and z up from the feet."""

    def __init__(self, canvas, x, y, unit, person):
        self.canvas, self.x, self.y, self.unit, self.p = canvas, x, y, unit, person

    def at(self, x, z):
        return (self.x + (x * self.p["facing"] + self.p["lean"] * z) * self.unit, self.y - z * self.unit)

    def limb(self, points, width, tone, shade=1.0):
        self.canvas.line([self.at(*q) for q in points], tone, max(1.0, width * self.p["width"] * self.unit), shade, True)

    def shape(self, points, tone, shade=1.0):
        self.canvas.poly([self.at(x * self.p["width"], z) for x, z in points], tone, shade)

    def disc(self, x, z, rx, rz, tone):
        cx, cy = self.at(x, z)
        self.canvas.ellipse(cx, cy, rx * self.unit, rz * self.unit, tone)


def _bend(start, length, angle, bend):
    knee = (start[0] + length * np.sin(angle), start[1] - length * np.cos(angle))
    return [start, knee, (knee[0] + length * np.sin(angle - bend), knee[1] - length * np.cos(angle - bend))]


def _legs(f, hips):
    p = f.p
    tone = p["skin"] if p["bottom"] == "bare" else p["legs"]
    lower = p["skin"] if p["bottom"] in ("shorts", "bare", "skirt") else tone
    for index, (hip, angle, bend) in enumerate(hips):
        leg = _bend((hip, 0.50), 0.235, angle, bend)
        shade = 0.78 if index == 0 else 1.0
        f.limb(leg[1:], 0.062, lower, shade)
        f.limb(leg[:2], 0.078, tone, shade)
        foot = leg[2]
        f.limb([foot, (foot[0] + (0.05 if p["view"] in ("side", RIDING) else 0.0), foot[1] - 0.01)], 0.05, (40, 34, 32), shade)


def _arm(f, shoulder, angle, bend, shade):
    p = f.p
    arm = _bend(shoulder, 0.165, angle, -bend)
    sleeve = p["skin"] if p["top"] in ("tee", "dress", "vest") else p["cloth"]
    f.limb(arm[1:], 0.044, sleeve, shade)
    f.limb(arm[:2], 0.056, p["cloth"] if p["top"] != "vest" else p["skin"], shade)
    f.disc(arm[2][0], arm[2][1], 0.024, 0.026, p["skin"])


def _torso(f, half):
    p, tone = f.p, f.p["cloth"]
    hem = {"coat": 0.30, "dress": 0.30, "poncho": 0.36, "hoodie": 0.46}.get(p["top"], 0.49)
    flare = {"coat": 1.15, "dress": 1.5, "poncho": 1.7}.get(p["top"], 0.92)
    if p["bottom"] == "skirt":
        f.shape([(-half * 0.85, 0.55), (half * 0.85, 0.55), (half * 1.35, 0.31), (-half * 1.35, 0.31)], p["legs"])
    f.shape([(-half * 0.7, 0.845), (half * 0.7, 0.845), (half, 0.80), (half * 0.86, 0.62), (half * flare, hem), (-half * flare, hem), (-half * 0.86, 0.62), (-half, 0.80)], tone)
    f.shape([(half * 0.25, 0.82), (half * 0.95, 0.79), (half * 0.82, 0.6), (half * 0.5, 0.6)], tone, 0.86)
    if p["top"] == "stripes":
        for z in (0.76, 0.68, 0.60, 0.52):
            f.shape([(-half * 0.9, z), (half * 0.9, z), (half * 0.9, z - 0.03), (-half * 0.9, z - 0.03)], p["extra"])
    if p["top"] in ("jacket", "coat") and p["view"] == "front":
        f.shape([(-0.018, 0.84), (0.018, 0.84), (0.012, hem), (-0.012, hem)], p["extra"])


def _head(f, x, view):
    p, r = f.p, f.p["head"]
    z = 0.855 + r * 1.15
    f.limb([(x, 0.83), (x, z)], 0.05, scaled(p["skin"], 0.85))
    if p["long_hair"]:
        f.disc(x - (0.3 * r if view == "side" else 0), z - r * 0.5, r * 0.95, r * 1.35, p["hair"])
    f.disc(x, z + r * 0.1, r * 0.84, r * 1.08, p["hair"])
    if view != "back":
        shift = r * 0.28 if view in ("side", RIDING) else 0
        f.disc(x + shift, z - r * 0.12, r * (0.58 if shift else 0.68), r * 0.86, p["skin"])
    top = {"cap": (0.98, 0.62), "beanie": (0.95, 0.8), "helmet": (1.08, 0.72), "brim": (0.85, 0.72), "hood": (1.12, 0.55)}.get(p["hat"])
    if top:
        f.disc(x - (0.1 * r if p["hat"] == "hood" else 0), z + r * 0.62, r * top[0], r * top[1], p["extra"] if p["hat"] != "hood" else p["cloth"])
    if p["hat"] == "brim":
        f.disc(x, z + r * 0.45, r * 1.7, r * 0.24, p["extra"])
    if p["hat"] == "cap" and view == "side":
        f.limb([(x + r * 0.5, z + r * 0.4), (x + r * 1.5, z + r * 0.35)], 0.018, p["extra"])


def draw_figure(canvas, x, y, unit, p):
    """Draws a standing or walking person whose feet are at picture point (x, y); unit is pixels per body height."""
    f, view = _Figure(canvas, x, y, unit, p), p["view"]
    stride, swing = p["stride"], p["swing"]
    up = 2.5 if p["raise"] else swing
    if view == "side":
        half = 0.085
        _arm(f, (-0.005, 0.79), -swing, 0.3, 0.75)
        _legs(f, [(0.0, -stride, -stride * 0.8), (0.0, stride, 0.1)])
        if p["carry"] == "backpack":
            f.shape([(-half * 1.7, 0.80), (-half * 0.7, 0.81), (-half * 0.7, 0.56), (-half * 1.9, 0.58)], p["extra"])
        _torso(f, half)
        _head(f, 0.012, view)
        _arm(f, (0.0, 0.79), up, 0.35, 1.0)
    else:
        half = 0.125
        _legs(f, [(-0.052 * p["width"], -0.05 - stride * 0.12, 0.0), (0.052 * p["width"], 0.06, stride * 0.15)])
        _torso(f, half)
        if p["carry"] == "backpack" and view == "back":
            f.shape([(-half * 0.7, 0.81), (half * 0.7, 0.81), (half * 0.75, 0.56), (-half * 0.75, 0.56)], p["extra"])
        _arm(f, (-half * p["width"] * 0.93, 0.79), -0.12 - 0.2 * abs(swing), 0.1, 0.9)
        _arm(f, (half * p["width"] * 0.93, 0.79), 0.12 + (2.2 if p["raise"] else 0.3 * abs(swing)), 0.1, 1.0)
        _head(f, 0.0, view)
    if p["carry"] == "bag":
        hand = (0.15, 0.40) if view != "side" else (0.06, 0.42)
        f.shape([(hand[0] - 0.06, hand[1]), (hand[0] + 0.06, hand[1]), (hand[0] + 0.07, hand[1] - 0.13), (hand[0] - 0.07, hand[1] - 0.13)], p["extra"])


def draw(canvas, camera, pose, built):
    x, y = camera.project(pose.x, 0, pose.z)
    unit = camera.scale(pose.z) * built["height"]
    rx = unit * 0.14
    canvas.shadow([(x + rx * np.cos(a), y + rx * 0.3 * np.sin(a)) for a in np.linspace(0, 6.28, 14)], 0.4)
    return lambda: draw_figure(canvas, x, y, unit, built)
