"""Ears: pointed and upright for cats, floppy and hanging for dogs."""

from __future__ import annotations

import numpy as np

from warmstart.ingest.critters.canvas import Canvas
from warmstart.ingest.critters.palette import Palette, mix
from warmstart.ingest.critters.pose import Pose
from warmstart.ingest.critters.shapes import Points, spline


def _pointed(side: float, spread: float, width: float, height: float, lean: float) -> Points:
    """A triangle with bowed sides on the head's rim, (n, 2)."""
    angle = side * spread
    base = np.array([np.sin(angle), -np.cos(angle)]) * 0.78
    out = np.array([np.sin(angle + side * lean), -np.cos(angle + side * lean)])
    across = np.array([-out[1], out[0]])
    left, right, tip = base - across * width, base + across * width, base + out * height
    bow = 0.13 * width
    return np.array(
        [
            left - 0.3 * out * height,
            left,
            0.5 * (left + tip) - across * bow,
            tip - across * 0.04,
            tip + across * 0.04,
            0.5 * (right + tip) + across * bow,
            right,
            right - 0.3 * out * height,
        ]
    )


def _floppy(side: float, spread: float, width: float, length: float, swing: float) -> Points:
    """A lobe that hangs from the head's rim, (n, 2)."""
    root = np.array([np.sin(spread), -np.cos(spread)]) * 0.86
    down = np.array([np.sin(swing), np.cos(swing)])
    across = np.array([down[1], -down[0]])
    control = np.array(
        [
            root - across * 0.28 - down * 0.05,
            root + across * 0.1 - down * 0.16,
            root + across * width * 0.95 + down * length * 0.22,
            root + across * width * 1.05 + down * length * 0.65,
            root + across * width * 0.45 + down * length,
            root - across * width * 0.15 + down * length * 0.85,
            root - across * width * 0.25 + down * length * 0.4,
        ]
    )
    lobe: Points = spline(control, 5) * (side, 1.0)
    return lobe


def cat_ears(rng: np.random.Generator, canvas: Canvas, pose: Pose, colours: Palette, line: float) -> None:
    """Two pointed ears; to be painted before the head, which covers their base."""
    spread, width = rng.uniform(0.55, 0.85), rng.uniform(0.28, 0.42)
    height, lean = rng.uniform(0.6, 0.95), rng.uniform(-0.25, 0.15)
    for side in (-1.0, 1.0):
        own = lean + rng.normal(0, 0.06)
        ear = _pointed(side, spread, width, height, own)
        canvas.inked(pose.place(ear, -0.05), colours.ear, colours.ink, line, evidence=True)
        inner = _pointed(side, spread, width * 0.58, height * 0.74, own)
        canvas.fill(pose.place(inner, -0.02), colours.inner, evidence=True)


def dog_ears(rng: np.random.Generator, canvas: Canvas, pose: Pose, colours: Palette, line: float) -> None:
    """Two floppy ears; to be painted after the head, over whose sides they hang."""
    spread, width = rng.uniform(0.7, 1.05), rng.uniform(0.36, 0.55)
    length, swing = rng.uniform(0.75, 1.35), rng.uniform(0.0, 0.55)
    for side in (-1.0, 1.0):
        ear = _floppy(side, spread, width, length, swing + rng.normal(0, 0.1))
        canvas.inked(pose.place(ear, 0.05), colours.ear, colours.ink, line, evidence=True)
        centre = ear.mean(axis=0)
        fold = centre + (ear - centre) * np.array([0.55, 0.7]) + [0.0, 0.08]
        canvas.fill(pose.place(fold, 0.05), mix(colours.ear, (20, 10, 12), 0.14), evidence=True)
