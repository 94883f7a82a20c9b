"""A small matrix as a picture, with its numbers in its cells."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.colormap import NEGATIVE, POSITIVE
from warmstart.drawing.sheet import EDGE, INK, PAPER
from warmstart.drawing.text_layout import font

RGB = tuple[int, int, int]
MAX_TINT = 0.55  # of the full colour, so that text on it stays readable


def matrix_pixels(matrix: np.ndarray, side: int, end: float | None = None) -> np.ndarray:
    """A matrix as uint8 (side, side, 3) with its numbers in its cells, tinted red above 0 and blue below.

    end: the absolute value of the full tint; None: the largest in the matrix.
    """
    end = float(np.abs(matrix).max()) if end is None else end
    rows, columns = matrix.shape
    cell = (side - 1) // max(rows, columns)
    image = Image.new("RGB", (side, side), PAPER)
    draw = ImageDraw.Draw(image)
    left, top = (side - 1 - cell * columns) // 2, (side - 1 - cell * rows) // 2
    for (r, c), value in np.ndenumerate(matrix.astype(float)):
        fill = tint(value / end if end else 0.0)
        draw_cell(draw, left + c * cell, top + r * cell, cell, format_number(value), fill)
    return np.asarray(image)


def draw_cell(
    draw: ImageDraw.ImageDraw, x: int, y: int, cell: int, text: str = "", fill: RGB = PAPER, ink: RGB = INK
) -> None:
    """One square cell with a text in its middle. x, y, cell: its left top corner and side in pixels."""
    draw.rectangle((x, y, x + cell, y + cell), fill=fill, outline=EDGE)
    if text:
        draw.text((x + cell / 2, y + cell / 2), text, font=font(max(9, round(cell * 0.36))), fill=ink, anchor="mm")


def tint(share: float) -> RGB:
    """A pale red for shares in (0, 1], a pale blue for those in [-1, 0), white for 0."""
    strength = MAX_TINT * min(1.0, abs(share))
    red, green, blue = (round((1 - strength) * 255 + strength * part) for part in (POSITIVE if share > 0 else NEGATIVE))
    return red, green, blue


def format_number(value: float) -> str:
    """A number with at most one decimal place and a true minus sign."""
    text = f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
    return text.replace("-", "−")
