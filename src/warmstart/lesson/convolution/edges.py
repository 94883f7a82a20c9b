"""Edges: what five 3×3 kernels answer to the image."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from warmstart.drawing.sheet import Tile, draw_sheet
from warmstart.lesson.convolution.kernels import EDGE_DETECT, EDGES
from warmstart.lesson.convolution.respond import respond, shape_text
from warmstart.lesson.convolution.tiles import grey_pixels, matrix_pixels, signed_pixels

SIDE = 168
# The strongest pixels of a photo would leave the rest pale.
FULL = 99.5


def draw_edges(grey: np.ndarray, name: str) -> tuple[Image.Image, dict[str, Any]]:
    """The kernels with their numbers, their signed answers to ``grey``, float (H, W) in [0, 1], and those after a ReLU.

    The figures: each kernel, the shape of its answer, and the answer's mean absolute value, least and greatest.
    """
    names, kernels = [*EDGES, "edge detect"], [*EDGES.values(), EDGE_DETECT]
    answers = respond(grey, kernels)
    directed = float(np.percentile(np.abs(answers[:-1]), FULL))  # one scale for the four that are turns of each other
    ends = [directed] * len(EDGES) + [float(np.percentile(np.abs(answers[-1]), FULL))]
    strength = np.hypot(answers[0], answers[1])
    rows: list[list[Tile | None]] = [
        [
            Tile(grey_pixels(grey), shape_text(grey)),
            *(Tile(matrix_pixels(kernel, SIDE), shape_text(kernel)) for kernel in kernels),
        ],
        [
            Tile(grey_pixels(strength, float(np.percentile(strength, FULL))), "√(horizontal² + vertical²)"),
            *(
                Tile(signed_pixels(a, end), f"answer {shape_text(a)}, red +{end:.1f}")
                for a, end in zip(answers, ends, strict=True)
            ),
        ],
        [
            None,
            *(
                Tile(grey_pixels(np.maximum(a, 0), end), f"after ReLU: {100 * float((a > 0).mean()):.0f} % above 0")
                for a, end in zip(answers, ends, strict=True)
            ),
        ],
    ]
    note = (
        "Each kernel slides over the image; at every place its nine numbers are multiplied with the pixels below (black 0, white 1) "
        "and summed. Red: the answer is positive, dark to bright as the kernel's numbers rise; blue: the other way round; white: 0."
    )
    columns = (name, *(f"{n} edges" if n in EDGES else "edges of any direction" for n in names))
    figures = {
        n: {
            "kernel": kernel.tolist(),
            "shape": list(answer.shape),
            "mean_abs": float(np.abs(answer).mean()),
            "least": float(answer.min()),
            "greatest": float(answer.max()),
            "share_above_0": float((answer > 0).mean()),
        }
        for n, kernel, answer in zip(names, kernels, answers, strict=True)
    }
    return draw_sheet(
        rows, "Convolution: five 3×3 kernels and what they answer", note, side=SIDE, columns=columns
    ), figures
