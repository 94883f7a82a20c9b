"""Charts below one another as one picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image

from warmstart.drawing.sheet import PAPER

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def picture(figure: Figure) -> Image.Image:
    """A chart as an RGB picture."""
    from warmstart.drawing.chart import figure_png

    return Image.open(io.BytesIO(figure_png(figure))).convert("RGB")


def stack(parts: Sequence[Image.Image]) -> Image.Image:
    """Pictures below one another, left-aligned on white."""
    whole = Image.new("RGB", (max(part.width for part in parts), sum(part.height for part in parts)), PAPER)
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height
    return whole
