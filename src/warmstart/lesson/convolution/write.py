"""The demonstration of convolution: all its pictures and figures for one image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from warmstart.drawing.png import save_png
from warmstart.errors import UserError
from warmstart.files.plain import replace_dir, write_json
from warmstart.lesson.convolution.border import draw_border
from warmstart.lesson.convolution.direction import draw_direction
from warmstart.lesson.convolution.edges import draw_edges
from warmstart.lesson.convolution.gabor import draw_gabor
from warmstart.lesson.convolution.pooling import draw_pooling
from warmstart.lesson.convolution.reach_sheet import draw_reach
from warmstart.lesson.convolution.respond import luminance

LONGEST = 256  # pixels; a larger image would only be shrunk on the sheets
SHORTEST = 8  # pixels; fewer leave nothing to pool


def write_convolution(image: np.ndarray, name: str, folder: Path) -> dict[str, Any]:
    """Write ``folder`` anew: edges.png, gabor.png, direction.png, border.png, pooling.png, reach.png and convolution.json.

    image: uint8 (H, W, 1 or 3) of any size; above 256 pixels it is made smaller first. name: what it is called on the sheets.
    Returns the content of convolution.json: every figure that the pictures show, by picture.
    Raises UserError for an image with a side below 8 pixels.
    """
    image = bounded(image)
    if min(image.shape[:2]) < SHORTEST:
        raise UserError(
            f"{name} has {image.shape[1]}×{image.shape[0]} pixels; the demonstration needs {SHORTEST} or more each way"
        )
    grey = luminance(image)
    sheets = {
        "edges": draw_edges(grey, name),
        "gabor": draw_gabor(grey, name),
        "direction": draw_direction(),
        "border": draw_border(),
        "pooling": draw_pooling(grey, name),
        "reach": draw_reach(grey),
    }
    figures = {"image": name, "shape": list(image.shape), **{key: numbers for key, (_, numbers) in sheets.items()}}
    with replace_dir(folder) as out:
        for key, (picture, _) in sheets.items():
            save_png(picture, out / f"{key}.png")
        write_json(out / "convolution.json", figures)
    return figures


def bounded(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, C) with its longer side at most 256 pixels, in its own proportions."""
    height, width, channels = image.shape
    if max(height, width) <= LONGEST:
        return image
    scale = LONGEST / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture = Image.fromarray(image if channels == 3 else image[:, :, 0]).resize(
        size, Image.Resampling.BILINEAR, reducing_gap=2.0
    )
    return np.asarray(picture, dtype=np.uint8).reshape(size[1], size[0], channels)
