"""A thin residual network with a top-down neck and a head in YOLOX's convention, under 2 MB in FP32.

Input [batch, 3, height, width], RGB in 0..1, sides divisible by 32. Output [batch, rows, 5 + classes] with rows over the
strides 8, 16, 32, each grid row by row. A row is (dx, dy, log w, log h, objectness, class scores): the centre is
(dx + column, dy + row) * stride and the size exp(.) * stride, in input pixels; objectness and classes are sigmoids.
"""

import torch
from torch import nn

STRIDES = (8, 16, 32)


def conv(inputs, outputs, kernel=3, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Residual(nn.Module):
    """1x1 to half the channels, 3x3 back, added to the input."""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(conv(channels, channels // 2, 1), conv(channels // 2, channels))

    def forward(self, x):
        return x + self.body(x)


class Pool(nn.Module):
    """Three views of the coarsest features: as they are, and the maximum over 5 and over 9 cells around."""

    def __init__(self, channels):
        super().__init__()
        self.reduce = conv(channels, channels // 2, 1)
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.merge = conv(channels // 2 * 3, channels, 1)

    def forward(self, x):
        a = self.reduce(x)
        b = self.pool(a)
        return self.merge(torch.cat((a, b, self.pool(b)), 1))


class Head(nn.Module):
    """Boxes and objectness from one branch, classes from the other; one head serves all strides."""

    def __init__(self, channels, classes):
        super().__init__()
        self.place, self.kind = conv(channels, channels), conv(channels, channels)
        self.box, self.objectness, self.classes = nn.Conv2d(channels, 4, 1), nn.Conv2d(channels, 1, 1), nn.Conv2d(channels, classes, 1)
        for layer in (self.objectness, self.classes):
            nn.init.constant_(layer.bias, -4.6)

    def forward(self, x):
        place, kind = self.place(x), self.kind(x)
        rows = torch.cat((self.box(place), self.objectness(place), self.classes(kind)), 1)
        # int(): the exported graph gets constants instead of shape arithmetic.
        return rows.reshape(-1, int(rows.shape[1]), int(rows.shape[2]) * int(rows.shape[3])).transpose(1, 2)


class Detector(nn.Module):
    def __init__(self, classes=6, neck=48):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 16, 3, 2), conv(16, 32, 3, 2), Residual(32))
        self.fine = nn.Sequential(conv(32, 64, 3, 2), Residual(64), Residual(64))
        self.middle = nn.Sequential(conv(64, 96, 3, 2), Residual(96), Residual(96))
        self.coarse = nn.Sequential(conv(96, 96, 3, 2), Residual(96), Pool(96))
        self.lateral = nn.ModuleList(conv(c, neck, 1) for c in (64, 96, 96))
        self.smooth = nn.ModuleList(conv(neck, neck) for _ in range(2))
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.head = Head(neck, classes)

    def forward(self, images):
        """Raw rows: objectness and classes are logits."""
        fine = self.fine(self.stem(images))
        middle = self.middle(fine)
        coarse = self.lateral[2](self.coarse(middle))
        middle = self.smooth[1](self.lateral[1](middle) + self.up(coarse))
        fine = self.smooth[0](self.lateral[0](fine) + self.up(middle))
        return torch.cat([self.head(x) for x in (fine, middle, coarse)], 1)


class Exported(nn.Module):
    """The detector as it is exported: objectness and classes as probabilities."""

    def __init__(self, detector):
        super().__init__()
        self.detector = detector

    def forward(self, images):
        rows = self.detector(images)
        return torch.cat((rows[..., :4], rows[..., 4:].sigmoid()), -1)


def grid(height, width, device="cpu"):
    """[rows, 3]: column, row and stride of every output row."""
    cells = []
    for stride in STRIDES:
        y, x = torch.meshgrid(torch.arange(height // stride, device=device), torch.arange(width // stride, device=device), indexing="ij")
        cells.append(torch.stack((x.flatten(), y.flatten(), torch.full((x.numel(),), stride, device=device)), 1))
    return torch.cat(cells).float()


def boxes_of(rows, cells):
    """Corner boxes [..., 4] in input pixels from raw rows."""
    centre = (rows[..., :2] + cells[:, :2]) * cells[:, 2:]
    half = rows[..., 2:4].clamp(max=6).exp() * cells[:, 2:] / 2
    return torch.cat((centre - half, centre + half), -1)
