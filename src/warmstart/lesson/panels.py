"""Charts below one another as one picture with a heading."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from warmstart.drawing.lettering import fit, font, wrap
from warmstart.drawing.sheet import INK, MARGIN, MUTED, PAPER, SMALL, TITLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def heading(title: str, note: str, width: int) -> Image.Image:
    """A title and a wrapped note as a picture ``width`` pixels wide."""
    lines = wrap(note, width - 2 * MARGIN, SMALL + 1)
    image = Image.new("RGB", (width, MARGIN + TITLE + 16 + len(lines) * (SMALL + 7)), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((MARGIN, MARGIN), fit(title, width - 2 * MARGIN, TITLE), font=font(TITLE), fill=INK)
    for i, line in enumerate(lines):
        draw.text((MARGIN, MARGIN + TITLE + 12 + i * (SMALL + 7)), line, font=font(SMALL + 1), fill=MUTED)
    return image


def picture(figure: Figure) -> Image.Image:
    """A chart as an RGB picture."""
    from warmstart.drawing.chart import png

    return Image.open(io.BytesIO(png(figure))).convert("RGB")


def stack(parts: Sequence[Image.Image]) -> Image.Image:
    """Pictures below one another, left-aligned on white."""
    whole = Image.new("RGB", (max(part.width for part in parts), sum(part.height for part in parts)), PAPER)
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height
    return whole
