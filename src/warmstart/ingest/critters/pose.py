"""Where a head is and which way it looks: from head coordinates to pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warmstart.ingest.critters.canvas import Points


@dataclass(frozen=True)
class Pose:
    """A turned, tilted, scaled and shifted head.

    Head coordinates: x to the right, y downwards, z towards the viewer, the head's half width is 1. ``rotation`` is
    (3, 3), ``centre`` (2,) and ``radius`` in pixels; ``depth`` is the strength of the perspective (0: none).
    """

    rotation: NDArray[np.float64]
    centre: NDArray[np.float64]
    radius: float
    depth: float

    def place(self, points: Points, z: float = 0.0, curved: bool = False) -> Points:
        """Pixels (n, 2) of points (n, 2) at height ``z``, which lies on top of the face's bulge when ``curved``."""
        height: float | Points = z
        if curved:
            height = z + 0.7 * np.sqrt(np.maximum(1.0 - 0.8 * (points[:, :1] ** 2 + points[:, 1:] ** 2), 0.04))
        turned = points @ self.rotation[:, :2].T + height * self.rotation[:, 2]
        pixels: Points = self.centre + self.radius * turned[:, :2] / (1.0 - self.depth * turned[:, 2:])
        return pixels

    def flat(self, points: Points) -> Points:
        """Pixels (n, 2) of points (n, 2) of the outline, which only rolls: a ball looks the same when it turns."""
        cos, sin = self.rotation[:2, 0] / np.hypot(self.rotation[0, 0], self.rotation[1, 0])
        pixels: Points = self.centre + self.radius * points @ np.array([[cos, sin], [-sin, cos]])
        return pixels


def pose(rng: np.random.Generator, pixels: int) -> Pose:
    """A random pose in a canvas of ``pixels`` x ``pixels``; the head stays inside but for ears at the rim."""
    yaw, pitch, roll = np.radians(rng.uniform([-32, -16, -35], [32, 16, 35]))
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    radius = pixels * rng.uniform(0.23, 0.3)
    room = radius * 1.1
    centre = rng.uniform(room, pixels - room, 2) + np.array([0.0, 0.03 * pixels])
    return Pose(about_z @ about_x @ about_y, centre, radius, rng.uniform(0.0, 0.15))
