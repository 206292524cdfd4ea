"""Draws a body given by its side profile and its width, from any side: the faces that look at the camera, far to near."""

from dataclasses import dataclass, field

import numpy as np

SUN = np.array([-0.45, 0.8, -0.4])


@dataclass
class Decal:
    """A quad on an edge's face: s along the edge (0..1), t across (-1 right .. 1 left)."""
    s0: float
    s1: float
    t0: float
    t1: float
    colour: tuple
    emit: bool = False


@dataclass
class Body:
    """profile: (x, z) points, clockwise from the lower rear; edges: a name for each edge; all lengths in metres."""
    profile: list
    edges: list
    half_width: float
    paint: tuple
    taper_from: float = 99.0
    taper: float = 1.0
    top: float = 99.0
    sides: list = field(default_factory=list)      # (polygon in (x, z), colour, emit)
    decals: dict = field(default_factory=dict)     # edge name -> [Decal]
    edge_paint: dict = field(default_factory=dict)
    wheels: list = field(default_factory=list)     # (x, radius)
    hub: tuple = (170, 172, 176)

    def half(self, z):
        if z <= self.taper_from:
            return self.half_width
        part = min(1.0, (z - self.taper_from) / max(0.05, self.top - self.taper_from))
        return self.half_width * (1 - (1 - self.taper) * part)


def _shade(normal):
    return 0.66 + 0.42 * max(0.0, float(normal @ SUN) / float(np.linalg.norm(normal) * np.linalg.norm(SUN) + 1e-9))


def _normal(a, b, c, inside):
    n = np.cross(np.subtract(b, a), np.subtract(c, a))
    return n if n @ np.subtract(a, inside) > 0 else -n


def draw_body(canvas, camera, pose, body):
    project = camera.project
    middle = np.array(pose.world(0, 0, np.mean([z for _, z in body.profile])))
    eye = np.array([0.0, camera.eye, 0.0])
    faces = []
    count = len(body.profile)
    for i in range(count):
        (xa, za), (xb, zb) = body.profile[i], body.profile[(i + 1) % count]
        corners = [pose.world(xa, -body.half(za), za), pose.world(xa, body.half(za), za),
                   pose.world(xb, body.half(zb), zb), pose.world(xb, -body.half(zb), zb)]
        normal = _normal(corners[0], corners[1], corners[2], middle)
        if normal @ (eye - np.array(corners[0])) > 0:
            distance = np.mean([c[2] for c in corners])
            faces.append((distance, body.edges[i], corners, _shade(normal)))
    for _, name, corners, shade in sorted(faces, key=lambda f: -f[0]):
        _draw_edge(canvas, project, body, name, corners, shade)
    for side in (-1, 1):
        _draw_side(canvas, camera, pose, body, side, eye)


def _draw_edge(canvas, project, body, name, corners, shade):
    colour = body.edge_paint.get(name, body.paint)
    canvas.poly([project(*c) for c in corners], colour, shade)
    a, b, c, d = [np.array(p) for p in corners]
    for decal in body.decals.get(name, ()):
        def at(s, t):
            u = (t + 1) / 2
            return project(*((a * (1 - u) + b * u) * (1 - s) + (d * (1 - u) + c * u) * s))
        quad = [at(decal.s0, decal.t0), at(decal.s0, decal.t1), at(decal.s1, decal.t1), at(decal.s1, decal.t0)]
        canvas.poly(quad, decal.colour, shade, decal.emit)
        if decal.emit:
            x, y = np.mean(quad, axis=0)
            canvas.glow(x, y, max(2.0, 3.0 * abs(quad[0][0] - quad[1][0])), decal.colour)


def _draw_side(canvas, camera, pose, body, side, eye):
    def at(x, z):
        return camera.project(*pose.world(x, side * body.half(z), z))

    anchor = np.array(pose.world(0, side * body.half_width, 0))
    outward = anchor - np.array(pose.world(0, 0, 0))
    if outward @ (eye - anchor) <= 0:
        return
    shade = _shade(outward)
    canvas.poly([at(x, z) for x, z in body.profile], body.paint, shade)
    for polygon, colour, emit in body.sides:
        canvas.poly([at(x, z) for x, z in polygon], colour, shade, emit)
    for x, radius in body.wheels:
        angles = np.linspace(0, 2 * np.pi, 18)[:-1]
        for scale, lift, tone in ((1.16, 0.0, (16, 16, 18)), (1.0, 0.0, (34, 34, 36)), (0.62, 0.0, body.hub), (0.2, 0.0, (60, 60, 64))):
            ring = [at(x + radius * scale * np.cos(a), max(0.0, radius + radius * scale * np.sin(a) + lift)) for a in angles]
            canvas.poly(ring, tone, shade)


def draw_ground_shadow(canvas, camera, pose, half_length, half_width, strength):
    grow = 1.12
    corners = [pose.world(x * grow, y * grow, 0) for x, y in ((-half_length, -half_width), (half_length, -half_width),
                                                              (half_length, half_width), (-half_length, half_width))]
    canvas.shadow([camera.project(*c) for c in corners], strength)
