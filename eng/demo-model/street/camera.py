"""A pinhole camera over flat ground: X right, Y up, Z away, in metres."""

from dataclasses import dataclass

import numpy as np

NEAR = 1.2


@dataclass
class Camera:
    """focal and horizon in pixels, height in metres."""
    width: int
    height: int
    focal: float
    horizon: float
    eye: float

    def project(self, x, y, z):
        z = max(z, 0.3)
        return (self.width / 2 + self.focal * x / z, self.horizon + self.focal * (self.eye - y) / z)

    def scale(self, z):
        """Pixels per metre at a depth."""
        return self.focal / z

    def ground_quad(self, x0, x1, z0, z1):
        z0 = max(z0, NEAR)
        return [self.project(x0, 0, z0), self.project(x1, 0, z0), self.project(x1, 0, z1), self.project(x0, 0, z1)]


@dataclass
class Pose:
    """A place on the ground and a heading; local x is forward, y to the left, z up."""
    x: float
    z: float
    yaw: float

    def world(self, lx, ly, lz):
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        return (self.x + lx * c - ly * s, lz, self.z + lx * s + ly * c)


def sample_camera(rng, width, height):
    focal = width * rng.uniform(0.85, 1.5)
    horizon = height * rng.uniform(0.34, 0.56)
    eye = rng.uniform(1.25, 2.9)
    return Camera(width, height, focal, horizon, eye)
