"""The sheet of orientation tuning: how strongly each kernel responds to an edge, as the edge turns."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from warmstart.drawing.chart import DPI, assign_colours, figure_image, new_figure, set_titles
from warmstart.drawing.colormap import grey_pixels
from warmstart.drawing.sheet import Tile, draw_sheet, stack_vertically
from warmstart.lesson import messages
from warmstart.lesson.convolution.convolve import convolve
from warmstart.lesson.convolution.kernels import EDGE_DETECT, EDGES, gabor, turned_grid

EDGE_PX = 25
RISE_PX = 0.7  # scale of the rise from dark to bright
STEP_DEGREES = 5
SHOWN_DEGREES = range(0, 181, 30)


@dataclass(frozen=True)
class TuningMetrics:
    """A tuning curve by angle in degrees, its best angle and least value, and the share of angles above 0.5."""

    answer: dict[str, float]
    best_angle: int
    least: float
    share_of_angles_above_half: float


def edge_image(angle: float) -> np.ndarray:
    """A straight, slightly soft edge through the middle, dark above and bright below: float32 (25, 25) in [0, 1].

    angle: in degrees, anticlockwise from the horizontal. Soft, because a jump between two pixels has no exact angle.
    """
    below, _ = turned_grid(EDGE_PX, angle)
    return np.asarray(1 / (1 + np.exp(-below / RISE_PX)), dtype=np.float32)


def tuning_curves() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Angles 0°, 5° … 180°, and by kernel its tuning curve over them: the strongest absolute response anywhere on the
    edge, as a share of the kernel's strongest at any angle.
    """
    angles = np.arange(0, 181, STEP_DEGREES)
    kernels = {**EDGES, "edge detect": EDGE_DETECT, "Gabor 90°": gabor(8, 90, math.pi / 2)}
    edges = [edge_image(float(angle)) for angle in angles]
    curves = {
        name: np.array([float(np.abs(convolve(edge, [kernel])).max()) for edge in edges])
        for name, kernel in kernels.items()
    }
    return angles, {name: curve / curve.max() for name, curve in curves.items()}


def draw_orientation() -> tuple[Image.Image, dict[str, TuningMetrics]]:
    """The turned edges above the kernels' tuning curves, and the metrics of each curve."""
    angles, curves = tuning_curves()
    tiles = [Tile(grey_pixels(edge_image(angle)), f"{angle}°") for angle in SHOWN_DEGREES]
    sheet = draw_sheet([tiles], *messages.ORIENTATION, side=122)
    metrics = {
        name: TuningMetrics(
            answer={str(int(angle)): round(float(value), 4) for angle, value in zip(angles, curve, strict=True)},
            best_angle=int(angles[int(curve.argmax())]),
            least=round(float(curve.min()), 4),
            share_of_angles_above_half=round(float((curve[:-1] > 0.5).mean()), 4),
        )
        for name, curve in curves.items()
    }
    return stack_vertically([sheet, _chart(angles, curves, sheet.width)]), metrics


def _chart(angles: np.ndarray, curves: dict[str, np.ndarray], width: int) -> Image.Image:
    figure, (ax,) = new_figure(width / DPI, 3.6)
    for name, colour in assign_colours(list(curves)).items():
        ax.plot(angles, curves[name], color=colour, linewidth=2, linestyle="-" if name in EDGES else "--", label=name)
    ax.set_xticks(list(SHOWN_DEGREES), [f"{angle}°" for angle in SHOWN_DEGREES])
    ax.set_xlim(0, 180)
    ax.set_ylim(0, 1.05)
    set_titles(ax, "strongest answer, share of the kernel's best", "direction of the edge")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=9)
    return figure_image(figure)
