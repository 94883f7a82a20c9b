"""A supersampled picture whose alpha channel says where the class evidence is visible, and the curves painted on it:
arrays of points, float64 (n, 2), x to the right and y downwards.

Thousands of these tiny arrays are made a second, so what depends on the number of points alone is made once.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from warmstart.ingest.critters.palette import Colour

Points = NDArray[np.float64]


@cache
def _circle(n: int) -> Points:
    t = np.linspace(0.0, 2 * np.pi, n, endpoint=False)
    return np.stack([np.cos(t), np.sin(t)], axis=1)


@cache
def _around(n: int, by: int) -> NDArray[np.intp]:
    """Indices of the neighbours ``by`` places on, along a closed curve of n points."""
    return (np.arange(n) + by) % n


@cache
def _along(n: int, endpoint: bool = True) -> Points:
    return np.linspace(0.0, 1.0, n, endpoint=endpoint)[:, None]


@cache
def _catmull_rom(n: int) -> Points:
    """Weights (n, 4) of the four control points around a section."""
    t = _along(n, endpoint=False)
    weights = [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2]
    return 0.5 * np.concatenate(weights, axis=1)


def ellipse(x: float, y: float, rx: float, ry: float, n: int = 28, turn: float = 0.0) -> Points:
    """The outline of an ellipse around (x, y), turned by ``turn`` radians: (n, 2)."""
    c, s = np.cos(turn), np.sin(turn)
    points: Points = _circle(n) @ np.array([[rx * c, rx * s], [-ry * s, ry * c]]) + (x, y)
    return points


def spline(control: Points, n: int = 6) -> Points:
    """A closed Catmull-Rom curve through the control points (m, 2): (m * n, 2), smooth outlines from a few numbers."""
    m = len(control)
    around = np.stack([control[_around(m, by)] for by in (-1, 0, 1, 2)], axis=1)
    points: Points = (_catmull_rom(n) @ around).reshape(-1, 2)
    return points


def arc(start: Points, end: Points, bend: float, n: int = 8) -> Points:
    """A bent line from ``start`` to ``end`` (each (2,)); ``bend`` is the bow's height over the length: (n, 2)."""
    t = _along(n)
    along = end - start
    return start + along * t + np.array([-along[1], along[0]]) * (4 * bend * t * (1 - t))


def _normals(along: Points) -> Points:
    """Unit vectors to the right of the steps ``along`` (n, 2)."""
    length = np.sqrt(along[:, :1] ** 2 + along[:, 1:] ** 2)
    return along[:, ::-1] * (1.0, -1.0) / (length + 1e-9)


def grow(points: Points, by: float) -> Points:
    """The closed outline moved ``by`` outwards along its normals (inwards when negative): the edge of an ink line."""
    following = points[_around(len(points), 1)]
    area = points[:, 0] @ following[:, 1] - following[:, 0] @ points[:, 1]
    return points + _normals(following - points[_around(len(points), -1)]) * (by if area > 0 else -by)


def ribbon(points: Points, width: float, taper: float = 0.3) -> Points:
    """A closed outline around an open curve, ``width`` wide at its start and ``width * taper`` at its end."""
    along = np.empty_like(points)
    along[1:-1] = points[2:] - points[:-2]
    along[0], along[-1] = points[1] - points[0], points[-1] - points[-2]
    edge = _normals(along) * (0.5 * width * (1.0 - (1.0 - taper) * _along(len(points))))
    return np.concatenate([points + edge, (points - edge)[::-1]])


SUPERSAMPLING = 2


class Canvas:
    """Paints polygons; whatever is painted last decides both the colour and whether it counts as evidence."""

    def __init__(self, background: Image.Image) -> None:
        self.image = background.convert("RGBA")
        self.image.putalpha(0)
        self.pen = ImageDraw.Draw(self.image)
        self.pixels = background.width

    def fill(self, points: Points, colour: Colour, evidence: bool = False) -> None:
        """Paint the closed outline ``points`` (n, 2), in pixels of the canvas."""
        self.pen.polygon(points.ravel().tolist(), fill=(*colour, 255 if evidence else 0))

    def inked(self, points: Points, colour: Colour, ink: Colour, line: float, evidence: bool = False) -> None:
        """Paint the shape with a line of ``line`` pixels around it."""
        self.fill(grow(points, line), ink, evidence)
        self.fill(points, colour, evidence)

    def stroke(self, points: Points, colour: Colour, width: float, taper: float = 0.3, evidence: bool = False) -> None:
        """Paint a line along the open curve ``points``, thinning towards its end."""
        self.fill(ribbon(points, width, taper), colour, evidence)

    def texture(self, fur: Image.Image, points: Points) -> None:
        """Paint ``fur`` (mode RGB, the canvas' size) inside the closed outline ``points``; never evidence."""
        mask = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(mask).polygon(points.ravel().tolist(), fill=255)
        fur.putalpha(0)
        self.image.paste(fur, (0, 0), mask)

    def finish(self) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """The picture, uint8 (h, w, 3), and the evidence, bool (h, w), at the final size."""
        picture = np.asarray(self.image.convert("RGB").reduce(SUPERSAMPLING))
        evidence = np.asarray(self.image.getchannel("A").reduce(SUPERSAMPLING)) >= 128
        return picture, evidence
