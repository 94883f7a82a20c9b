"""Muzzles: short with a small nose and whiskers for cats, long with a big nose and sometimes a tongue for dogs."""

from __future__ import annotations

import numpy as np

from warmstart.ingest.critters.canvas import Canvas
from warmstart.ingest.critters.palette import Palette, mix
from warmstart.ingest.critters.pose import Pose
from warmstart.ingest.critters.shapes import Points, arc, ellipse, spline

_WHITE = (255, 255, 255)


def cat_muzzle(rng: np.random.Generator, canvas: Canvas, pose: Pose, colours: Palette, line: float) -> None:
    """Two small pads, a small nose, and three whiskers a side."""
    pad, y, z = rng.uniform(0.2, 0.28), rng.uniform(0.3, 0.42), 0.72

    def at(shape: Points, more: float = 0.0) -> Points:
        return pose.place(shape, z + more)

    canvas.fill(at(ellipse(0, y + 0.8 * pad, 0.6 * pad, 0.5 * pad, 16)), colours.muzzle, True)
    for side in (-1.0, 1.0):
        pads = at(ellipse(side * 0.75 * pad, y + 0.1, pad, 0.8 * pad, 20))
        canvas.inked(pads, colours.muzzle, mix(colours.muzzle, colours.ink, 0.45), 0.6 * line, True)
    canvas.fill(at(ellipse(0, y + 0.06, 0.5 * pad, 0.6 * pad, 16)), colours.muzzle, True)
    wide, tall = rng.uniform(0.09, 0.14), rng.uniform(0.07, 0.11)
    nose = spline(np.array([[-wide, y - 0.1], [0, y - 0.12], [wide, y - 0.1], [0, y - 0.1 + 1.5 * tall]]), 5)
    canvas.inked(at(nose, 0.05), colours.nose, colours.ink, 0.7 * line, True)
    gleam = ellipse(-0.35 * wide, y - 0.085, 0.3 * wide, 0.2 * tall, 8)
    canvas.fill(at(gleam, 0.05), mix(colours.nose, _WHITE, 0.6), True)
    foot = np.array([0.0, y + 0.12])
    for side in (-1.0, 1.0):
        mouth = arc(foot, foot + np.array([side * 0.9 * pad, 0.06]), side * 0.3)
        canvas.stroke(at(mouth, 0.03), colours.ink, line, 0.5, True)
    long, droop = rng.uniform(0.7, 1.05), rng.uniform(-0.2, 0.25)
    for side in (-1.0, 1.0):
        for row in (-1.0, 0.0, 1.0):
            start = np.array([side * 0.9 * pad, y + 0.1 + 0.06 * row])
            end = start + long * np.array([side, 0.22 * row + droop + rng.normal(0, 0.04)])
            canvas.stroke(at(arc(start, end, side * rng.uniform(-0.12, 0.04))), colours.whisker, 1.1 * line, 0.4, True)


def dog_muzzle(rng: np.random.Generator, canvas: Canvas, pose: Pose, colours: Palette, line: float) -> None:
    """A protruding oval, a big nose, the corners of a mouth, and a tongue in a third of the dogs."""
    rx, ry, y = rng.uniform(0.38, 0.52), rng.uniform(0.34, 0.46), rng.uniform(0.36, 0.48)

    soft = mix(colours.muzzle, colours.ink, 0.45)
    if rng.random() < 0.35:
        tongue = ellipse(rng.uniform(-0.08, 0.08), y + ry * 0.95, 0.15, rng.uniform(0.2, 0.3), 18)
        canvas.inked(pose.place(tongue, 0.75), (226, 98, 112), colours.ink, 0.7 * line, True)
        canvas.stroke(pose.place(tongue[[13, 4]], 0.75), (176, 66, 84), 0.8 * line, 0.6, True)
    canvas.inked(pose.place(ellipse(0, y, rx, ry, 26), 0.7), colours.muzzle, soft, 0.8 * line, True)
    light = pose.place(ellipse(0, y - 0.1 * ry, 0.8 * rx, 0.75 * ry, 20), 0.85)
    canvas.fill(light, mix(colours.muzzle, _WHITE, 0.12), True)
    foot = np.array([0.0, y + 0.3 * ry])
    wide, tall = rng.uniform(0.17, 0.25), rng.uniform(0.12, 0.17)
    top = y - 0.55 * ry
    canvas.stroke(pose.place(np.array([[0.0, top], foot]), 1.0), colours.ink, line, 0.8, True)
    for side in (-1.0, 1.0):
        mouth = arc(foot, foot + np.array([side * 0.7 * rx, -0.02]), side * 0.3)
        canvas.stroke(pose.place(mouth, 0.95), colours.ink, line, 0.5, True)
        for dx, dy in ((0.45, 0.05), (0.6, 0.2), (0.55, -0.12)):
            canvas.fill(pose.place(ellipse(side * dx * rx, y + dy * ry, 0.03, 0.03, 6), 0.85), soft, True)
    canvas.inked(pose.place(ellipse(0, top, wide, tall, 20), 1.1), colours.nose, colours.ink, 0.7 * line, True)
    gleam = ellipse(-0.3 * wide, top - 0.4 * tall, 0.35 * wide, 0.2 * tall, 8)
    canvas.fill(pose.place(gleam, 1.1), mix(colours.nose, _WHITE, 0.6), True)
