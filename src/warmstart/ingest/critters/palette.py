"""Random colours, the same for both classes."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np

Colour = tuple[int, int, int]

# (hue, saturation, value) ranges of coats: ginger, brown, grey, cream, black and blue grey.
_COATS = (
    ((0.05, 0.10), (0.45, 0.85), (0.65, 0.97)),
    ((0.04, 0.09), (0.35, 0.65), (0.30, 0.62)),
    ((0.04, 0.12), (0.00, 0.14), (0.35, 0.80)),
    ((0.08, 0.14), (0.10, 0.35), (0.82, 1.00)),
    ((0.00, 1.00), (0.00, 0.20), (0.14, 0.30)),
    ((0.55, 0.65), (0.08, 0.25), (0.40, 0.75)),
)


@dataclass(frozen=True)
class Palette:
    """The colours of one critter."""

    fur: Colour
    second: Colour
    muzzle: Colour
    ear: Colour
    inner: Colour
    nose: Colour
    iris: Colour
    ink: Colour
    whisker: Colour


def hsv(h: float, s: float, v: float) -> Colour:
    """A colour from hue (taken modulo 1), saturation and value (both 0 to 1)."""
    r, g, b = colorsys.hsv_to_rgb(h % 1.0, min(max(s, 0.0), 1.0), min(max(v, 0.0), 1.0))
    return int(r * 255), int(g * 255), int(b * 255)


def mix(a: Colour, b: Colour, part: float) -> Colour:
    """``a`` with ``part`` (0 to 1) of ``b`` in it."""
    return (int(a[0] + (b[0] - a[0]) * part), int(a[1] + (b[1] - a[1]) * part), int(a[2] + (b[2] - a[2]) * part))


def coat(rng: np.random.Generator) -> Colour:
    """A random fur colour."""
    h, s, v = _COATS[int(rng.integers(len(_COATS)))]
    return hsv(rng.uniform(*h), rng.uniform(*s), rng.uniform(*v))


def any_colour(rng: np.random.Generator) -> Colour:
    """A random colour of a thing in the background; half of them are coat colours, so that colour betrays no head."""
    return coat(rng) if rng.random() < 0.5 else hsv(rng.random(), rng.uniform(0.1, 0.8), rng.uniform(0.25, 1.0))


def palette(rng: np.random.Generator) -> Palette:
    """The colours of one critter."""
    fur, second = coat(rng), coat(rng)
    pale = mix(fur, (255, 250, 242), rng.uniform(0.35, 0.85))
    muzzle = (pale, pale, fur, second)[int(rng.integers(4))]
    ear = (fur, fur, second, mix(fur, (20, 12, 8), 0.4))[int(rng.integers(4))]
    pink = hsv(rng.uniform(0.96, 1.03), rng.uniform(0.25, 0.5), rng.uniform(0.75, 0.98))
    nose = (pink, hsv(0.05, 0.3, rng.uniform(0.1, 0.25)), hsv(0.02, 0.45, rng.uniform(0.3, 0.5)))[int(rng.integers(3))]
    ink = mix(mix(fur, second, 0.3), (18, 12, 14), rng.uniform(0.75, 0.92))
    return Palette(
        fur=fur,
        second=second,
        muzzle=muzzle,
        ear=ear,
        inner=mix(pink, ear, rng.uniform(0.1, 0.6)),
        nose=nose,
        iris=hsv(rng.uniform(0.06, 0.62), rng.uniform(0.35, 0.85), rng.uniform(0.55, 0.95)),
        ink=ink,
        whisker=(255, 252, 245) if rng.random() < 0.5 else ink,
    )
