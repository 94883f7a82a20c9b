"""A supersampled picture whose alpha channel says where the class evidence is visible."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from warmstart.ingest.critters.palette import Colour
from warmstart.ingest.critters.shapes import Points, grow, ribbon

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
