"""The sheet of edges: the responses of an image to five 3×3 kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from warmstart.drawing.colormap import grey_pixels, signed_pixels
from warmstart.drawing.sheet import Tile, draw_sheet
from warmstart.lesson import messages
from warmstart.lesson.convolution.convolve import convolve, format_size, scale_end
from warmstart.lesson.convolution.kernels import EDGE_DETECT, EDGES
from warmstart.lesson.convolution.matrix import matrix_pixels

TILE_PX = 168


@dataclass(frozen=True)
class EdgeMetrics:
    """A kernel and its response: shape, mean absolute value, least and greatest value, and the share above 0."""

    kernel: list[list[float]]
    shape: list[int]
    mean_abs: float
    least: float
    greatest: float
    share_above_0: float


def draw_edges(grey: np.ndarray, name: str) -> tuple[Image.Image, dict[str, EdgeMetrics]]:
    """The kernels with their numbers, their responses to ``grey``, float (H, W) in [0, 1], and those after a ReLU.

    name: of the image. Also returns each kernel's metrics.
    """
    names, kernels = [*EDGES, "edge detect"], [*EDGES.values(), EDGE_DETECT]
    responses = convolve(grey, kernels)
    # One scale for the four that are rotations of each other.
    ends = [scale_end(responses[:-1])] * len(EDGES) + [scale_end(responses[-1])]
    strength = np.hypot(responses[0], responses[1])
    rows: list[list[Tile | None]] = [
        [Tile(grey_pixels(grey), format_size(grey))],
        [Tile(grey_pixels(strength, scale_end(strength)), "√(horizontal² + vertical²)")],
        [None],
    ]
    for kernel, response, end in zip(kernels, responses, ends, strict=True):
        rows[0].append(Tile(matrix_pixels(kernel, TILE_PX), format_size(kernel)))
        rows[1].append(Tile(signed_pixels(response, end), f"answer {format_size(response)}, red +{end:.1f}"))
        share = f"after ReLU: {100 * float((response > 0).mean()):.0f} % above 0"
        rows[2].append(Tile(grey_pixels(np.maximum(response, 0), end), share))
    columns = (name, *(f"{n} edges" for n in EDGES), "edges of any direction")
    metrics = {
        n: EdgeMetrics(
            kernel=kernel.tolist(),
            shape=list(response.shape),
            mean_abs=float(np.abs(response).mean()),
            least=float(response.min()),
            greatest=float(response.max()),
            share_above_0=float((response > 0).mean()),
        )
        for n, kernel, response in zip(names, kernels, responses, strict=True)
    }
    return draw_sheet(rows, *messages.EDGES, side=TILE_PX, columns=columns), metrics
