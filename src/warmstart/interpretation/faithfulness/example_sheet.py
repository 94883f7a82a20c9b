"""Some scored photos: the network's map, the middle, and the control that fails, with their curves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.colour import heat_over, signed_over
from warmstart.drawing.lettering import fit, font
from warmstart.drawing.sheet import MUTED, PAPER, Tile, draw_sheet
from warmstart.interpretation.attribution.gradcam import upsample
from warmstart.interpretation.faithfulness.controls import centre_gaussian, edge_maps
from warmstart.interpretation.faithfulness.deletion_insertion import Curves, DeletionInsertion
from warmstart.interpretation.faithfulness.messages import EXAMPLES_NOTE, format_signed
from warmstart.interpretation.faithfulness.sample import Sample

SIDE_PX = 176
COLUMNS = ("photo", "Grad-CAM", "middle", "edges", "deletion", "insertion")
GRID = (225, 225, 230)
LINES = {"Grad-CAM": (0, 114, 178), "middle": (230, 159, 0), "edges": (150, 150, 160)}


def draw_examples(
    sample: Sample, perturbation: DeletionInsertion, known: Mapping[str, Curves], count: int, title: str
) -> Image.Image:
    """The first ``count`` images of the sample, a row each. known: the curves of ``Grad-CAM`` and ``middle``."""
    count = min(count, len(sample.images))
    edges = upsample(edge_maps(sample.images[:count], sample.cells), sample.size)
    maps = {
        "Grad-CAM": sample.large[:count],
        "middle": np.broadcast_to(centre_gaussian(sample.size), edges.shape),
        "edges": edges,
    }
    curves = {**known, "edges": perturbation.curves(edges, count)}
    scores = {key: curves[key].scores for key in maps}
    rows: list[list[Tile | None]] = []
    for i, (photo, e) in enumerate(zip(sample.images[:count], sample.examples, strict=False)):
        grey = photo.astype(np.float64).mean(axis=2)
        caption = f"{sample.model.classes[e.true]}, p = {perturbation.ends['clean'][i]:.2f}"
        tiles: list[Tile | None] = [Tile(photo, caption)]
        for key, these in maps.items():
            caption = f"insertion − deletion {format_signed(scores[key][i], plus=True)}"
            tiles.append(Tile(_evidence(grey, these[i]), caption))
        for kind in ("deletion", "insertion"):
            tiles.append(Tile(draw_curves({key: getattr(curves[key], kind)[i] for key in maps})))
        rows.append(tiles)
    return draw_sheet(rows, title, EXAMPLES_NOTE, side=SIDE_PX, columns=COLUMNS)


def draw_curves(curves: Mapping[str, np.ndarray], side: int = SIDE_PX) -> np.ndarray:
    """Curves of p in [0, 1] over the share of pixels, uint8 (side, side, 3).

    curves: (steps + 1,) by the names of ``LINES``.
    """
    image = Image.new("RGB", (side, side), PAPER)
    draw = ImageDraw.Draw(image)
    left, right, top, bottom = 20, side - 6, 8, side - 16
    for value in (0.0, 0.5, 1.0):
        y = bottom - round(value * (bottom - top))
        draw.line((left, y, right, y), fill=GRID)
        draw.text((left - 4, y), f"{value:g}", font=font(9), fill=MUTED, anchor="rm")
    for share, anchor in ((0, "lt"), (0.5, "mt"), (1, "rt")):
        text = fit(f"{100 * share:g} %", 60, 9)
        draw.text((left + share * (right - left), bottom + 4), text, font=font(9), fill=MUTED, anchor=anchor)
    for key in reversed(list(curves)):
        values: list[float] = curves[key].tolist()
        points = [
            (left + i / (len(values) - 1) * (right - left), bottom - p * (bottom - top)) for i, p in enumerate(values)
        ]
        draw.line(points, fill=LINES[key], width=2)
    return np.asarray(image)


def _evidence(grey: np.ndarray, values: np.ndarray) -> np.ndarray:
    top = float(values.max())
    return heat_over(grey, np.clip(values, 0, None) / top) if top > 0 else signed_over(grey, np.zeros_like(values))
