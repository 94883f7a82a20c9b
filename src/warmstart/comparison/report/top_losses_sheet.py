"""The photos that a recipe is most wrong about, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from warmstart.comparison.top_losses import TopLosses
from warmstart.dataset.row_array import RowArray
from warmstart.drawing.sheet import Tile, draw_sheet, in_rows
from warmstart.records.predictions import PredictionRow

COLUMNS, SIDE_PX = 6, 150
WRONG = (194, 47, 47)


def draw_top_losses(
    losses: TopLosses, classes: Sequence[str], images: Mapping[str, RowArray], recipe: str
) -> Image.Image:
    """The photos with what the recipe says and their loss, mistakes in a frame. images: by split, uint8 (N, size, size,
    channels), in the order of the arrays on disk.
    """
    tiles = [
        Tile(np.asarray(images[row.split][row.row]), caption(row, classes), WRONG if row.wrong else None)
        for row in losses.rows
    ]
    note = "Given label → what it says instead, with its probability; framed: mistaken. Loss in nats."
    return draw_sheet(in_rows(tiles, COLUMNS), f"{recipe}: the highest losses", note, side=SIDE_PX)


def caption(row: PredictionRow, classes: Sequence[str]) -> str:
    """``cat → dog 98 %``, and the loss on a second line."""
    said = f"{classes[row.label]} → {classes[row.predicted]}" if row.wrong else classes[row.label]
    return f"{said} {100 * row.p:.0f} %\nloss {row.loss:.2f}"
