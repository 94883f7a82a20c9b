"""Direction: how strongly each kernel answers to an edge, as the edge turns."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PIL import Image

from warmstart.drawing.sheet import Tile, draw_sheet
from warmstart.lesson.convolution.kernels import EDGE_DETECT, EDGES, gabor
from warmstart.lesson.convolution.respond import respond
from warmstart.lesson.convolution.tiles import grey_pixels
from warmstart.lesson.panels import picture, stack

SIDE = 25  # pixels of the edge's picture
SOFT = 0.7  # pixels: the scale of the rise from dark to bright
STEP = 5  # degrees
SHOWN = range(0, 181, 30)


def edge_image(angle: float) -> np.ndarray:
    """A straight, slightly soft edge through the middle, dark above and bright below: float32 (25, 25) in [0, 1].

    angle: in degrees, anticlockwise from the horizontal. Soft, because a jump between two pixels has no exact direction.
    """
    y, x = np.mgrid[0:SIDE, 0:SIDE] - (SIDE - 1) / 2
    turn = math.radians(angle)
    below = x * math.sin(turn) + y * math.cos(turn)
    pixels: np.ndarray = (1 / (1 + np.exp(-below / SOFT))).astype(np.float32)
    return pixels


def tuning() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Angles 0°, 5° … 180°, and by kernel the strongest absolute answer anywhere on the edge at each, as a share of the
    kernel's strongest at any angle.
    """
    angles = np.arange(0, 181, STEP)
    kernels = {**EDGES, "edge detect": EDGE_DETECT, "Gabor 90°": gabor(8, 90, math.pi / 2)}
    edges = [edge_image(float(angle)) for angle in angles]
    curves = {
        name: np.array([float(np.abs(respond(edge, [kernel])).max()) for edge in edges])
        for name, kernel in kernels.items()
    }
    return angles, {name: curve / curve.max() for name, curve in curves.items()}


def draw_direction() -> tuple[Image.Image, dict[str, Any]]:
    """The turned edges above the kernels' tuning curves. The figures: each curve, its best angle, and where it falls to half."""
    angles, curves = tuning()
    tiles = [Tile(grey_pixels(edge_image(angle)), f"{angle}°") for angle in SHOWN]
    note = (
        "The edge turns anticlockwise. Below, for each kernel, its strongest answer anywhere on the edge, as a share of its best. A directed "
        "kernel is silent across its own direction, but it is not choosy: 60° off it still gives about half. A larger one, the Gabor filter, is choosier."
    )
    sheet = draw_sheet([tiles], "Sensitivity to the direction of an edge", note, side=122)
    figures = {
        name: {
            "answer": {str(int(angle)): round(float(value), 4) for angle, value in zip(angles, curve, strict=True)},
            "best_angle": int(angles[int(curve.argmax())]),
            "least": round(float(curve.min()), 4),
            "share_of_angles_above_half": round(float((curve[:-1] > 0.5).mean()), 4),
        }
        for name, curve in curves.items()
    }
    return stack([sheet, _chart(angles, curves, sheet.width)]), figures


def _chart(angles: np.ndarray, curves: dict[str, np.ndarray], width: int) -> Image.Image:
    from warmstart.drawing.chart import DPI, assign_colours, new_figure, set_titles

    figure, (ax,) = new_figure(width / DPI, 3.6)
    for name, colour in assign_colours(list(curves)).items():
        dashed = name not in EDGES
        ax.plot(angles, curves[name], color=colour, linewidth=2, linestyle="--" if dashed else "-", label=name)
    ax.set_xticks(list(SHOWN), [f"{angle}°" for angle in SHOWN])
    ax.set_xlim(0, 180)
    ax.set_ylim(0, 1.05)
    set_titles(ax, "strongest answer, share of the kernel's best", "direction of the edge")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=9)
    return picture(figure)
