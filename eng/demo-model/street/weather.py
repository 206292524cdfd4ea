"""Light, weather and the camera's own faults, applied to the finished picture. None of it moves a box."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

KINDS = ("clear", "clear", "cloudy", "sunset", "fog", "rain", "snow", "night")


def sample(rng):
    kind = KINDS[int(rng.integers(len(KINDS)))]
    light = {"clear": (1.05, 1.03, 0.98), "cloudy": (0.86, 0.88, 0.92), "sunset": (1.12, 0.90, 0.72), "fog": (0.92, 0.93, 0.95),
             "rain": (0.72, 0.76, 0.82), "snow": (0.94, 0.97, 1.04), "night": (0.40, 0.42, 0.54)}[kind]
    density = {"fog": rng.uniform(0.02, 0.055), "rain": rng.uniform(0.005, 0.015), "snow": rng.uniform(0.006, 0.02)}.get(kind, rng.uniform(0, 0.006))
    return {"kind": kind, "light": np.array(light) * rng.uniform(0.88, 1.12) * rng.uniform(0.96, 1.04, 3), "density": density}


def _noise_field(rng, width, height, cells):
    small = Image.fromarray(rng.integers(0, 256, (max(2, cells * height // width), cells), dtype=np.uint8))
    return np.asarray(small.resize((width, height), Image.BICUBIC), np.float32) / 255 - 0.5


def _glows(pixels, glows, night):
    height, width, _ = pixels.shape
    for x, y, radius, tone in glows:
        r = int(radius * 3) + 1
        x0, x1, y0, y1 = max(0, int(x) - r), min(width, int(x) + r), max(0, int(y) - r), min(height, int(y) + r)
        if x1 <= x0 or y1 <= y0:
            continue
        ys, xs = np.mgrid[y0:y1, x0:x1]
        falloff = np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * max(1.0, radius * 0.8) ** 2))
        pixels[y0:y1, x0:x1] += falloff[..., None] * np.array(tone, np.float32) * (0.45 if night else 0.22)


def _precipitation(rng, picture, kind):
    layer = Image.new("L", picture.size)
    pen, (width, height) = ImageDraw.Draw(layer), picture.size
    for _ in range(int(rng.integers(60, 320) * width * height / 77000)):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        if kind == "rain":
            size = rng.uniform(3, 9) * width / 320
            pen.line([(x, y), (x - size * 0.25, y + size)], fill=int(rng.integers(40, 130)), width=1)
        else:
            size = rng.uniform(0.4, 1.5) * width / 320
            pen.ellipse([x - size, y - size, x + size, y + size], fill=int(rng.integers(90, 220)))
    picture.paste((232, 236, 242), (0, 0), layer)


def finish(rng, picture, weather, glows, grain=1.0):
    """picture: PIL image at its final size; grain: how much noise. Returns the picture as a camera would have recorded it."""
    kind = weather["kind"]
    if kind in ("rain", "snow"):
        _precipitation(rng, picture, kind)
    if rng.random() < 0.35:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.9) * picture.width / 320))
    pixels = np.asarray(picture, np.float32).copy()
    height, width, _ = pixels.shape
    texture = _noise_field(rng, width, height, 9) * 0.16 + _noise_field(rng, width, height, 60) * 0.09 + _noise_field(rng, width, height, width // 2) * 0.10
    pixels *= (1 + texture * rng.uniform(0.4, 1.3) * grain)[..., None]
    _glows(pixels, glows, kind == "night")
    ys, xs = np.mgrid[0:height, 0:width]
    radial = ((xs / width - 0.5) ** 2 + (ys / height - 0.5) ** 2)
    pixels *= (1 - rng.uniform(0, 0.5) * radial)[..., None]
    pixels = (pixels - 128) * rng.uniform(0.86, 1.14) + 128 + rng.normal(0, 7)
    pixels += rng.normal(0, 1, pixels.shape) * rng.uniform(0.5, 9 if kind == "night" else 6) * grain
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
