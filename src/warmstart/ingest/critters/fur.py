"""Coats: plain, patched, striped or spotted, for both classes alike."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from warmstart.ingest.critters.canvas import Points, arc, ellipse, ribbon
from warmstart.ingest.critters.palette import Colour, Palette, mix
from warmstart.ingest.critters.pose import Pose


def fur(rng: np.random.Generator, colours: Palette, pose: Pose, pixels: int) -> Image.Image:
    """A coat to be cut to the head's outline: mode RGB, ``pixels`` x ``pixels``."""
    image = Image.new("RGB", (pixels, pixels), colours.fur)
    pen = ImageDraw.Draw(image)

    def paint(points: Points, colour: Colour) -> None:
        pen.polygon(pose.place(points, 0.0, curved=True).ravel().tolist(), fill=colour)

    pattern = int(rng.integers(4))
    if pattern == 1:
        for _ in range(int(rng.integers(1, 4))):
            x, y = rng.uniform(-0.8, 0.8, 2)
            paint(ellipse(x, y, rng.uniform(0.3, 0.6), rng.uniform(0.3, 0.6), 20, rng.uniform(0, 3)), colours.second)
    elif pattern == 2:
        for x in np.linspace(-0.75, 0.75, int(rng.integers(4, 7))):
            tip = np.array([x * 0.7, rng.uniform(-0.6, -0.1)])
            stripe = arc(np.array([x * 1.1, -1.1]), tip, rng.uniform(-0.1, 0.1))
            paint(ribbon(stripe, rng.uniform(0.12, 0.2), 0.2), colours.second)
        for side in (-1.0, 1.0):
            for y in (0.15, 0.45):
                stripe = arc(np.array([side * 1.1, y]), np.array([side * 0.6, y + 0.05]), 0.1)
                paint(ribbon(stripe, 0.13, 0.2), colours.second)
    elif pattern == 3:
        for x, y in rng.uniform(-0.95, 0.95, (int(rng.integers(8, 18)), 2)):
            rx, ry = rng.uniform(0.06, 0.16, 2)
            paint(ellipse(x, y, rx, ry, 10, rng.uniform(0, 3)), colours.second)
    _hairs(rng, pen, colours, pose)
    _shade(rng, image, pose)
    return image


def _hairs(rng: np.random.Generator, pen: ImageDraw.ImageDraw, colours: Palette, pose: Pose) -> None:
    """Short strokes that fall away from the nose."""
    roots = rng.uniform(-1.0, 1.0, (40, 2))
    tips = roots * 1.12 + rng.normal(0, 0.03, (40, 2))
    lines = np.concatenate([pose.flat(roots), pose.flat(tips)], axis=1).tolist()
    shades = (mix(colours.fur, (255, 250, 240), 0.3), mix(colours.fur, (20, 10, 5), 0.3))
    width = max(1, round(pose.radius * 0.03))
    for i, line in enumerate(lines):
        pen.line(line, fill=shades[i % 2], width=width)


def _shade(rng: np.random.Generator, image: Image.Image, pose: Pose) -> None:
    """Darken the coat as on a ball that is lit from above."""
    grid = (np.arange(24) + 0.5) * image.width / 24
    x, y = (grid[None, :] - pose.centre[0]) / pose.radius, (grid[:, None] - pose.centre[1]) / pose.radius
    far = (x - rng.uniform(-0.5, 0.5)) ** 2 + (y + 0.5) ** 2
    darkness = Image.fromarray((np.clip(far / 2.6, 0.0, 1.0) * 110).astype(np.uint8))
    image.paste((20, 10, 26), (0, 0), darkness.resize(image.size, Image.Resampling.BILINEAR))
