"""The demonstration of convolution: all its sheets and metrics for one image."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from warmstart.dataset.preprocessing import contained
from warmstart.drawing.png import save_png
from warmstart.drawing.sheet import to_image
from warmstart.errors import UserError
from warmstart.files.plain import replace_dir
from warmstart.lesson.convolution.convolve import luminance
from warmstart.lesson.convolution.edges import EdgeMetrics, draw_edges
from warmstart.lesson.convolution.gabor import GaborMetrics, draw_gabor
from warmstart.lesson.convolution.orientation import TuningMetrics, draw_orientation
from warmstart.lesson.convolution.padding import PaddingMetrics, draw_padding
from warmstart.lesson.convolution.pooling import PoolingMetrics, draw_pooling
from warmstart.lesson.convolution.receptive_field import ReceptiveFieldMetrics, draw_receptive_fields
from warmstart.records.lesson import LessonFigures

MAX_SIDE_PX = 256  # a larger image would only be shrunk on the sheets
MIN_SIDE_PX = 8  # fewer leave nothing to pool


@dataclass(frozen=True)
class ConvolutionMetrics:
    """The content of convolution.json. image: its name. The others: what the sheet of that name shows."""

    image: str
    shape: list[int]
    edges: dict[str, EdgeMetrics]
    gabor: GaborMetrics
    direction: dict[str, TuningMetrics]
    border: dict[str, PaddingMetrics]
    pooling: dict[str, PoolingMetrics]
    reach: dict[str, dict[str, ReceptiveFieldMetrics]]


def write_convolution(image: np.ndarray, name: str, folder: Path) -> ConvolutionMetrics:
    """Write ``folder`` anew: edges, gabor, direction, border, pooling and reach as PNG files, and convolution.json.

    image: uint8 (H, W, 1 or 3) of any size; above 256 pixels it is made smaller first. name: of the image on the
    sheets. Raises UserError for an image with a side below 8 pixels.
    """
    image = shrink(image)
    if min(image.shape[:2]) < MIN_SIDE_PX:
        size = f"{image.shape[1]}×{image.shape[0]}"
        raise UserError(f"{name} has {size} pixels; the demonstration needs {MIN_SIDE_PX} or more each way")
    grey = luminance(image)
    sheets: dict[str, Image.Image] = {}
    sheets["edges"], edges = draw_edges(grey, name)
    sheets["gabor"], gabor = draw_gabor(grey, name)
    sheets["direction"], direction = draw_orientation()
    sheets["border"], border = draw_padding()
    sheets["pooling"], pooling = draw_pooling(grey, name)
    sheets["reach"], reach = draw_receptive_fields(grey)
    metrics = ConvolutionMetrics(name, list(image.shape), edges, gabor, direction, border, pooling, reach)
    with replace_dir(folder) as out:
        for key, sheet in sheets.items():
            save_png(sheet, out / f"{key}.png")
        LessonFigures(asdict(metrics)).write(out / "convolution.json")
    return metrics


def shrink(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, C) with its longer side at most 256 pixels, in its own proportions."""
    height, width, channels = image.shape
    if max(height, width) <= MAX_SIDE_PX:
        return image
    size = contained(width, height, MAX_SIDE_PX)
    smaller = to_image(image).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(smaller, dtype=np.uint8).reshape(*size[::-1], channels)
