"""The images whose labels are doubted, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from warmstart.comparison.suspects import Suspect
from warmstart.dataset.row_array import RowArray
from warmstart.drawing.sheet import Tile, draw_sheet, in_rows

SHOWN, COLUMNS, SIDE = 24, 6, 160


def draw_suspects(suspects: Sequence[Suspect], images: dict[str, RowArray]) -> Image.Image:
    """The first of them, most suspect first. images: by split, uint8 (N, size, size, channels), rows as the suspects say."""
    tiles = [Tile(np.asarray(images[s.split][s.row]), _caption(s)) for s in suspects[:SHOWN]]
    more = f", the {SHOWN} most suspect shown" if len(suspects) > SHOWN else ""
    note = (
        f"Given label → what a model that has not seen the image says; {len(suspects)} in all{more}. Below: the share of images that have the "
        "given label, and how many of those such a model gets right: the fewer, the likelier it is the model that is wrong."
    )
    return draw_sheet(in_rows(tiles, COLUMNS), "Labels to look at", note, side=SIDE)


def _caption(s: Suspect) -> str:
    suggested = f"{s.given} → {s.suggested} {100 * s.confidence:.0f} %"
    return f"{suggested}\n{100 * s.share:.0f} % of images, recall {100 * s.recall:.0f} %"
