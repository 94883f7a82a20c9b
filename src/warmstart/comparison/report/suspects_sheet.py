"""The images whose labels are doubted, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from warmstart.comparison.messages import suspects_note
from warmstart.comparison.suspects import Suspect
from warmstart.dataset.row_array import RowArray
from warmstart.drawing.sheet import Tile, draw_sheet, in_rows
from warmstart.records.comparison import SuspectRow

MAX_IMAGES, COLUMNS, SIDE_PX = 24, 6, 160


def draw_suspects(suspects: Sequence[Suspect], images: dict[str, RowArray]) -> Image.Image:
    """The first suspects. images: by split, uint8 (N, size, size, channels), in the order of the arrays on disk."""
    tiles = [Tile(np.asarray(images[s.image.split][s.image.row]), _caption(s.line)) for s in suspects[:MAX_IMAGES]]
    return draw_sheet(
        in_rows(tiles, COLUMNS), "Labels to look at", suspects_note(len(suspects), MAX_IMAGES), side=SIDE_PX
    )


def _caption(line: SuspectRow) -> str:
    suggested = f"{line.given} → {line.suggested} {100 * line.confidence:.0f} %"
    return f"{suggested}\n{100 * line.given_share:.0f} % of images, recall {100 * line.given_recall:.0f} %"
