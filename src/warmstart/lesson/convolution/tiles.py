"""Numbers as tiles of a sheet: brightness, signed answers, and a matrix with its numbers written in it."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.colormap import NEGATIVE, POSITIVE, overlay_signed
from warmstart.drawing.sheet import EDGE, INK, PAPER
from warmstart.drawing.text import font


def grey_pixels(values: np.ndarray, end: float = 1.0) -> np.ndarray:
    """Values (H, W), 0 black and ``end`` white, as uint8 (H, W, 1)."""
    scaled = values / end if end > 0 else np.zeros_like(values)
    pixels: np.ndarray = np.rint(255 * np.clip(scaled, 0, 1)).astype(np.uint8)[..., None]
    return pixels


def signed_pixels(values: np.ndarray, end: float) -> np.ndarray:
    """Signed values (H, W) as uint8 (H, W, 3): 0 is white, ``end`` red, −``end`` blue."""
    scaled = values / end if end > 0 else np.zeros_like(values)
    return overlay_signed(np.full(values.shape, 255.0), np.clip(scaled, -1, 1))


def matrix_pixels(matrix: np.ndarray, side: int, end: float | None = None) -> np.ndarray:
    """A small matrix as uint8 (side, side, 3) with its numbers in its cells, tinted red above 0 and blue below.

    end: the absolute value of the full tint; None: the largest there is.
    """
    end = float(np.abs(matrix).max()) if end is None else end
    rows, columns = matrix.shape
    cell = (side - 1) // max(rows, columns)
    image = Image.new("RGB", (side, side), PAPER)
    draw = ImageDraw.Draw(image)
    left, top = (side - 1 - cell * columns) // 2, (side - 1 - cell * rows) // 2
    for r in range(rows):
        for c in range(columns):
            value = float(matrix[r, c])
            draw_cell(draw, left + c * cell, top + r * cell, cell, number(value), tint(value / end if end else 0.0))
    return np.asarray(image)


def draw_cell(
    draw: ImageDraw.ImageDraw,
    x: int,
    y: int,
    cell: int,
    text: str = "",
    fill: tuple[int, int, int] = PAPER,
    ink: tuple[int, int, int] = INK,
) -> None:
    """One square cell with a text in its middle."""
    draw.rectangle((x, y, x + cell, y + cell), fill=fill, outline=EDGE)
    if text:
        draw.text((x + cell / 2, y + cell / 2), text, font=font(max(9, round(cell * 0.36))), fill=ink, anchor="mm")


def tint(share: float) -> tuple[int, int, int]:
    """A pale red for positive shares up to 1, a pale blue for negative ones: text on it stays readable."""
    colour = POSITIVE if share > 0 else NEGATIVE
    strength = 0.55 * min(1.0, abs(share))
    red, green, blue = (round((1 - strength) * 255 + strength * part) for part in colour)
    return red, green, blue


def number(value: float) -> str:
    """A number as short as it can be, with a true minus sign."""
    text = f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
    return text.replace("-", "−")
