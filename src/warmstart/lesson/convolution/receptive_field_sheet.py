"""The sheet of receptive fields."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from warmstart.drawing.colormap import grey_pixels, overlay_heatmap
from warmstart.drawing.sheet import Tile, draw_sheet
from warmstart.lesson import messages
from warmstart.lesson.convolution.receptive_field import (
    NETWORKS,
    measure_receptive_fields,
    theoretical_sides,
)

TILE_PX = 132
COLUMNS = [f"{kind} {number}" for number in range(1, 5) for kind in ("conv", "pool")]


@dataclass(frozen=True)
class ReceptiveFieldMetrics:
    """sees: the receptive field's side in pixels, measured. formula: by theory. one_pixel_reaches: share of the map."""

    map_side: int
    sees: int
    formula: int
    one_pixel_reaches: float


def draw_receptive_fields(grey: np.ndarray) -> tuple[Image.Image, dict[str, dict[str, ReceptiveFieldMetrics]]]:
    """By network two rows: the receptive field of each layer's middle output, and where the middle pixel has an effect.

    grey: float (H, W) in [0, 1], shown pale below. Also returns the metrics by network and layer.
    """
    rows: list[list[Tile | None]] = []
    labels: list[str] = []
    metrics: dict[str, dict[str, ReceptiveFieldMetrics]] = {}
    for network, (size, layers) in NETWORKS.items():
        fields = measure_receptive_fields(size, layers)
        image = Image.fromarray(grey_pixels(grey)[..., 0]).resize((size, size), Image.Resampling.BILINEAR)
        pale = 128 + np.asarray(image).astype(np.float64) / 2
        seen, reached = {}, {}
        for f in fields:
            seen[f.name] = Tile(_heat(pale, f.sensitivity), f"{f.name} sees {f.side}×{f.side} px")
            caption = f"{f.map_side}×{f.map_side}: {messages.percent(f.reached_share)} of it"
            reached[f.name] = Tile(_heat(np.full(f.response.shape, 225.0), f.response), caption)
        rows += [_row(seen), _row(reached)]
        labels += [label.format(network=network, size=size) for label in messages.RECEPTIVE_FIELD_LABELS]
        metrics[network] = {
            f.name: ReceptiveFieldMetrics(f.map_side, f.side, formula, f.reached_share)
            for f, formula in zip(fields, theoretical_sides(layers), strict=True)
        }
    thirds = [layers["conv 3"] for layers in list(metrics.values())[:2]]
    numbers = [number for m in thirds for number in (m.sees, messages.percent(m.one_pixel_reaches))]
    note = messages.RECEPTIVE_FIELD_NOTE.format(*numbers)
    return draw_sheet(rows, messages.RECEPTIVE_FIELD, note, side=TILE_PX, labels=labels), metrics


def _row(tiles: dict[str, Tile]) -> list[Tile | None]:
    """Tiles by layer, each in its layer's column: the same layer of all networks is in one column."""
    row = [tiles.get(name) for name in COLUMNS]
    while row[-1] is None:
        row.pop()
    return row


def _heat(grey: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values in [0, 1] as heat over a grey image, whose smallest above 0 is clearly seen."""
    return overlay_heatmap(grey, np.where(values > 0, 0.25 + 0.75 * np.sqrt(values), 0))
