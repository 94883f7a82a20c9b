"""The parts of a head: outline and eyes of both classes; ears, muzzle and whiskers, which tell them apart."""

from __future__ import annotations

import numpy as np

from warmstart.ingest.critters.canvas import Canvas, Points, arc, ellipse, spline
from warmstart.ingest.critters.palette import Palette, mix
from warmstart.ingest.critters.pose import Pose


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
