"""The head's parts that both classes share: outline, eyes."""

from __future__ import annotations

import numpy as np

from warmstart.ingest.critters.canvas import Canvas
from warmstart.ingest.critters.palette import Palette, mix
from warmstart.ingest.critters.pose import Pose
from warmstart.ingest.critters.shapes import Points, arc, ellipse


def outline(rng: np.random.Generator) -> Points:
    """The outline of a head in head coordinates, (40, 2): round or flat, with or without cheeks."""
    t = np.linspace(0.0, 2 * np.pi, 40, endpoint=False)
    cheeks = 1.0 + rng.uniform(-0.12, 0.1) * np.sin(t)
    fluff = 1.0 + rng.uniform(0.0, 0.03) * np.sin(t * int(rng.integers(9, 14)) + rng.uniform(0, 6))
    return np.stack([np.cos(t) * cheeks * fluff, np.sin(t) * rng.uniform(0.82, 1.0) * fluff], axis=1)


def eyes(rng: np.random.Generator, canvas: Canvas, pose: Pose, colours: Palette, line: float) -> None:
    """Two eyes with iris, pupil (slit or round, whatever the class) and a highlight; sometimes brows."""
    apart, height = rng.uniform(0.36, 0.48), rng.uniform(-0.3, -0.12)
    rx = rng.uniform(0.15, 0.22)
    ry = rx * rng.uniform(0.75, 1.2)
    slit = rng.uniform(0.22, 0.4) if rng.random() < 0.5 else rng.uniform(0.55, 0.8)
    gaze = rng.uniform(-0.25, 0.25, 2) * rx
    slant = rng.uniform(-0.3, 0.3)
    white = rng.random() < 0.4
    brows = rng.random() < 0.3

    def at(shape: Points) -> Points:
        return pose.place(shape, 0.0, curved=True)

    for side in (-1.0, 1.0):
        x = side * apart
        ball = at(ellipse(x, height, rx, ry, 22, side * slant))
        canvas.inked(ball, (250, 248, 240) if white else colours.iris, colours.ink, line)
        gx, gy = x + gaze[0], height + gaze[1]
        if white:
            canvas.fill(at(ellipse(gx, gy, 0.72 * rx, 0.72 * ry, 18)), colours.iris)
        part = 0.6 if white else 0.85
        canvas.fill(at(ellipse(gx, gy, part * slit * rx, part * ry, 16)), (16, 12, 18))
        canvas.fill(at(ellipse(gx - 0.25 * rx, gy - 0.32 * ry, 0.26 * rx, 0.26 * ry, 10)), (255, 255, 255))
        glint = ellipse(gx + 0.25 * rx, gy + 0.35 * ry, 0.12 * rx, 0.12 * ry, 8)
        canvas.fill(at(glint), mix(colours.iris, (255, 255, 255), 0.7))
        if brows:
            ends = np.array([[x - 0.18, height - 0.32], [x + 0.18, height - 0.32 - side * 0.05]])
            canvas.stroke(at(arc(ends[0], ends[1], -0.15)), colours.ink, 1.6 * line, 0.6)
