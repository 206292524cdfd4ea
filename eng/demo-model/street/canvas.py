"""A picture and, pixel for pixel, the identity of the object seen there: ground truth comes from what is visible."""

import numpy as np
from PIL import Image, ImageDraw


class Canvas:
    """Draws in picture coordinates on a supersampled colour image and an identity image (0 is background)."""

    def __init__(self, width, height, supersample):
        self.width, self.height, self.ss = width, height, supersample
        size = (int(width * supersample), int(height * supersample))
        self.rgb = Image.new("RGB", size)
        self.ids = Image.new("L", size)
        self._paint, self._mark = ImageDraw.Draw(self.rgb), ImageDraw.Draw(self.ids)
        self.object_id = 0
        self.light = np.ones(3)
        self.haze = (np.array([200.0, 205.0, 210.0]), 0.0)
        self.depth = 0.0
        self.glows = []

    def _ink(self, colour, shade, emit):
        value = np.array(colour, float)
        if not emit:
            value = value * shade * self.light
        haze_colour, density = self.haze
        keep = np.exp(-self.depth * density)
        value = value * keep + haze_colour * (1 - keep)
        return tuple(int(v) for v in np.clip(value, 0, 255))

    def poly(self, points, colour, shade=1.0, emit=False):
        scaled = [(float(x) * self.ss, float(y) * self.ss) for x, y in points]
        self._paint.polygon(scaled, fill=self._ink(colour, shade, emit))
        self._mark.polygon(scaled, fill=self.object_id)

    def ellipse(self, x, y, rx, ry, colour, shade=1.0, emit=False):
        box = [(x - rx) * self.ss, (y - ry) * self.ss, (x + rx) * self.ss, (y + ry) * self.ss]
        self._paint.ellipse(box, fill=self._ink(colour, shade, emit))
        self._mark.ellipse(box, fill=self.object_id)

    def line(self, points, colour, width, shade=1.0, round_ends=False):
        scaled = [(float(x) * self.ss, float(y) * self.ss) for x, y in points]
        thick = max(1, int(round(width * self.ss)))
        self._paint.line(scaled, fill=self._ink(colour, shade, False), width=thick, joint="curve")
        self._mark.line(scaled, fill=self.object_id, width=thick, joint="curve")
        if round_ends and thick > 2:
            for x, y in points:
                self.ellipse(x, y, width / 2, width / 2, colour, shade)

    def shadow(self, points, strength):
        """Darkens the background under a polygon; shadows belong to no object."""
        scaled = [(float(x) * self.ss, float(y) * self.ss) for x, y in points]
        xs, ys = [p[0] for p in scaled], [p[1] for p in scaled]
        left, top = max(0, int(min(xs))), max(0, int(min(ys)))
        right, bottom = min(self.rgb.width, int(max(xs)) + 2), min(self.rgb.height, int(max(ys)) + 2)
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in scaled], fill=int(255 * strength))
        self.rgb.paste((12, 12, 18), (left, top), mask)

    def glow(self, x, y, radius, colour):
        """Remembers a light to be added after the scene is drawn."""
        self.glows.append((x, y, radius, colour))

    def count(self, object_id):
        """How many identity pixels the object owns now."""
        return int((np.asarray(self.ids) == object_id).sum())
