"""Fits a picture into the network's input as the product's pipeline does: top-left, grey 114, plain bilinear."""

import numpy as np

PAD = 114


def resize_bilinear(pixels, width, height):
    """Bilinear with pixel centres at half positions and no antialiasing. pixels: uint8 [h, w, 3]; returns float32."""
    def axis(count, source):
        position = np.clip((np.arange(count) + 0.5) * source / count - 0.5, 0, source - 1)
        low = np.floor(position).astype(int)
        return low, np.minimum(low + 1, source - 1), (position - low).astype(np.float32)

    top, bottom, fy = axis(height, pixels.shape[0])
    left, right, fx = axis(width, pixels.shape[1])
    data = pixels.astype(np.float32)
    rows = data[top] * (1 - fy)[:, None, None] + data[bottom] * fy[:, None, None]
    return rows[:, left] * (1 - fx)[None, :, None] + rows[:, right] * fx[None, :, None]


def letterbox(pixels, width, height):
    """Returns (float32 [height, width, 3] in 0..255, scale from picture to input)."""
    scale = min(width / pixels.shape[1], height / pixels.shape[0])
    fitted = resize_bilinear(pixels, max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    canvas = np.full((height, width, 3), PAD, np.float32)
    canvas[:fitted.shape[0], :fitted.shape[1]] = fitted
    return canvas, scale
