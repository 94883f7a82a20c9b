"""What is around a head: coloured noise, shapes like ears and whiskers that belong to no head, and the light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from warmstart.ingest.critters.canvas import Canvas, Points, arc, ellipse, spline
from warmstart.ingest.critters.palette import Colour, Palette, any_colour, mix

_TRIANGLE = np.array([[-0.9, 0.6], [-0.6, -0.25], [-0.06, -1.1], [0.06, -1.1], [0.6, -0.25], [0.9, 0.6]])
_LOBE = spline(np.array([[-0.2, -1.0], [0.35, -0.7], [0.5, 0.4], [0.1, 1.0], [-0.4, 0.5], [-0.35, -0.5]]), 4)
_OCTAVES = ((3, 0.8), (8, 0.6), (24, 0.35))


def noise(rng: np.random.Generator, pixels: int) -> Image.Image:
    """Smooth noise in three octaves between random colours, mode RGB, ``pixels`` x ``pixels``."""
    low, high = np.array(any_colour(rng), dtype=np.float32), np.array(any_colour(rng), dtype=np.float32)
    strength = rng.uniform(0.5, 1.2)
    total = np.zeros((48, 48, 3), dtype=np.float32)
    for cells, weight in _OCTAVES:
        shared = rng.random((cells, cells, 1), dtype=np.float32)
        grid = 0.7 * shared + 0.3 * rng.random((cells, cells, 3), dtype=np.float32) - 0.5
        image = Image.fromarray((grid * 255 + 127.5).astype(np.uint8)).resize((48, 48), Image.Resampling.BICUBIC)
        total += weight * (np.asarray(image, dtype=np.float32) / 255 - 0.5)
    blend = np.clip(0.5 + strength * total, 0, 1)
    picture = (low + (high - low) * blend).astype(np.uint8)
    return Image.fromarray(picture).resize((pixels, pixels), Image.Resampling.BILINEAR)


def distract(rng: np.random.Generator, canvas: Canvas, count: int, colours: Palette, radius: float) -> None:
    """Paint ``count`` random shapes anywhere, sized and drawn like parts of a head of ``radius`` pixels.

    Half of them take a colour from ``colours``, so that neither a triangle nor a lobe in the coat's colour gives the
    class away: only a part that sits on the head does.
    """
    own = (colours.ear, colours.fur, colours.second, colours.muzzle)
    for _ in range(count):
        place = rng.uniform(-0.05, 1.05, 2) * canvas.pixels
        colour = own[int(rng.integers(4))] if rng.random() < 0.5 else any_colour(rng)
        inner = colours.inner if rng.random() < 0.5 else any_colour(rng)
        ink = colours.ink if rng.random() < 0.6 else mix(colour, (18, 12, 14), 0.5)
        paints = (colour, inner, ink, colours.whisker)
        _paint(rng, canvas, place, radius * rng.uniform(0.25, 0.55), 0.05 * radius, paints)


def _paint(
    rng: np.random.Generator,
    canvas: Canvas,
    place: Points,
    reach: float,
    line: float,
    colours: tuple[Colour, Colour, Colour, Colour],
) -> None:
    """Paint one shape of about ``reach`` pixels around ``place`` (2,)."""
    colour, inner, ink, whisker = colours
    turn = rng.uniform(0, 2 * np.pi)
    c, s = np.cos(turn), np.sin(turn)
    axes = np.array([[c, s], [-s, c]])
    kind = rng.random()
    if kind < 0.28:  # like a cat's ear
        corners = _TRIANGLE * (rng.uniform(0.55, 0.9), 1.0)
        canvas.inked(place + reach * corners @ axes, colour, ink, line)
        canvas.fill(place + reach * (0.58 * corners + (0.0, 0.12)) @ axes, inner)
    elif kind < 0.5:  # like a dog's ear
        lobe = _LOBE * (rng.uniform(0.8, 1.2), 1.3)
        canvas.inked(place + reach * lobe @ axes, colour, ink, line)
        canvas.fill(place + reach * (0.6 * lobe + (0.0, 0.08)) @ axes, mix(colour, (20, 10, 12), 0.14))
    elif kind < 0.66:  # like a nose on a muzzle
        nose = ellipse(place[0], place[1], 0.8 * reach, reach * rng.uniform(0.5, 0.8), 20, turn)
        canvas.inked(nose, colour, ink, line)
        x, y = place + 0.3 * reach * axes[0]
        canvas.fill(ellipse(x, y, 0.35 * reach, 0.25 * reach, 12, turn), inner)
    elif kind < 0.86:  # like whiskers
        for angle in (-0.22, 0.0, 0.22):
            end = np.array([np.cos(angle), np.sin(angle)]) @ axes
            canvas.stroke(arc(place, place + 2.0 * reach * end, rng.uniform(-0.1, 0.1)), whisker, 1.1 * line, 0.4)
    else:
        half = reach * axes[0]
        canvas.stroke(arc(place - half, place + half, rng.uniform(-0.5, 0.5)), colour, line * rng.uniform(1, 3), 0.8)


def light(rng: np.random.Generator, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``picture``, uint8 (h, w, 3), under a random light; same shape and type."""
    height, width, _ = picture.shape
    angle, slope = rng.uniform(0, 2 * np.pi), rng.uniform(0.0, 0.45)
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None, None]
    gradient = 1.0 + np.float32(slope * np.cos(angle)) * x + np.float32(slope * np.sin(angle)) * y
    gain = rng.uniform(0.8, 1.2) * rng.uniform(0.94, 1.06, 3)
    contrast = np.float32(rng.uniform(0.85, 1.15))
    lit = picture.astype(np.float32) * (gradient * gain.astype(np.float32))
    lit = (lit - 120) * contrast + np.float32(120 + rng.uniform(-15, 15))
    lit += np.float32(rng.uniform(1, 5)) * rng.standard_normal((height, width, 1), dtype=np.float32)
    shown: NDArray[np.uint8] = np.clip(lit, 0, 255, out=lit).astype(np.uint8)
    return shown
