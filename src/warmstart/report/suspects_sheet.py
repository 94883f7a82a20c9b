"""The images whose labels are doubted, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from warmstart.data.rows import RowArray
from warmstart.drawing.sheet import Tile, draw_sheet
from warmstart.evaluation.suspects import Suspect

SHOWN, COLUMNS = 24, 6


def draw_suspects(suspects: Sequence[Suspect], images: dict[str, RowArray]) -> Image.Image:
    """The first of them, most suspect first. images: by split, uint8 (N, size, size, channels), rows as the suspects say."""
    tiles = [Tile(np.asarray(images[s.split][s.row]), f"{s.given} → {s.suggested} {100 * s.confidence:.0f} %") for s in suspects[:SHOWN]]
    rows = [tiles[i : i + COLUMNS] for i in range(0, len(tiles), COLUMNS)]
    more = f", the {SHOWN} most suspect shown" if len(suspects) > SHOWN else ""
    return draw_sheet(
        rows, "Labels to look at", f"Given label → what a model that has not seen the image says; {len(suspects)} in all{more}.", side=140
    )
