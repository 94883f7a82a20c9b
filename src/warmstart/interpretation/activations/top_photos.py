"""The photos that excite channels most, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from warmstart.dataset.row_array import Rows
from warmstart.drawing.sheet import Tile, draw_sheet, square
from warmstart.interpretation.activations.picture import few_colours
from warmstart.interpretation.activations.sites import Site
from warmstart.interpretation.activations.survey import Top

CHANNELS, PER_CHANNEL, ACROSS = 6, 6, 3
SIDE, GAP = 60, 2


def draw_top_photos(images: Rows, top: Mapping[int, Top], sites: Sequence[Site], title: str, note: str) -> Image.Image:
    """A row for each layer, in it a block of photos for each of its first channels, best at the top left.

    images: uint8 (N, H, W, C), which the rows of ``top`` count. A photo that does not excite the channel is left out.
    """
    rows = []
    for index, found in top.items():
        each = list(zip(found.channels, found.rows, found.scores, strict=True))[:CHANNELS]
        rows.append(
            [
                Tile(
                    _block([images[row] for row, score in zip(photos, scores, strict=True) if score > 0]),
                    f"{sites[index].title}: {channel}",
                )
                for channel, photos, scores in each
            ]
        )
    width, height = _side(ACROSS), _side(-(-PER_CHANNEL // ACROSS))
    return few_colours(draw_sheet(rows, title, note, side=width, height=height), photos=True)


def _block(photos: Sequence[np.ndarray]) -> np.ndarray:
    block = Image.new("RGB", (_side(ACROSS), _side(-(-PER_CHANNEL // ACROSS))), (240, 240, 243))
    for i, photo in enumerate(photos[:PER_CHANNEL]):
        block.paste(square(photo, SIDE), ((SIDE + GAP) * (i % ACROSS), (SIDE + GAP) * (i // ACROSS)))
    return np.asarray(block)


def _side(count: int) -> int:
    return count * (SIDE + GAP) - GAP
