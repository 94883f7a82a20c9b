"""A sheet: tiles in rows with a title, a note, captions and labels. Most pictures of Warmstart are sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.text_layout import ellipsize, font, wrap

MARGIN_PX, GAP_PX = 16, 6
TITLE_PX, TEXT_PX, SMALL_PX = 18, 13, 11
MIN_WIDTH_PX = 480
INK, MUTED, PAPER, EDGE = (28, 28, 34), (100, 100, 110), (255, 255, 255), (205, 205, 212)
MIN_SMOOTH_PX = 48  # a smaller image is enlarged without smoothing, so that its pixels are seen
CONTACT_PX = 120


@dataclass(frozen=True)
class Tile:
    """A picture on a sheet.

    pixels: uint8 (H, W, 1 or 3). caption: one or more lines below it. frame: the colour of a frame around it, or None.
    """

    pixels: np.ndarray
    caption: str = ""
    frame: tuple[int, int, int] | None = None


def draw_sheet(
    rows: Sequence[Sequence[Tile | None]],
    title: str,
    note: str = "",
    *,
    side: int = 96,
    height: int | None = None,
    columns: Sequence[str] = (),
    labels: Sequence[str] = (),
) -> Image.Image:
    """Rows of tiles as one RGB picture; ``None`` leaves a place empty.

    side: of a tile, in pixels; tiles keep their aspect ratio inside that square. height: of a tile, where it is not
    ``side``. columns: headings above the first row. labels: a text left of each row, wrapped.
    """
    height = height or side
    left = MARGIN_PX + (2 * side + GAP_PX if labels else 0)
    n_columns = max((len(row) for row in rows), default=0)
    width = max(left + n_columns * (side + GAP_PX) - GAP_PX + MARGIN_PX, MIN_WIDTH_PX)
    head = heading(title, note, width)
    top = head.height
    first = top + (SMALL_PX + 8 if columns else 0)
    caption_lines = max((len(tile.caption.splitlines()) for row in rows for tile in row if tile), default=0)
    step = height + GAP_PX + (SMALL_PX + 6) * caption_lines
    image = Image.new("RGB", (width, first + len(rows) * step + MARGIN_PX), PAPER)
    image.paste(head, (0, 0))
    draw = ImageDraw.Draw(image)
    for i, text in enumerate(columns):
        draw.text((left + i * (side + GAP_PX), top), ellipsize(text, side, SMALL_PX), font=font(SMALL_PX), fill=MUTED)
    for r, row in enumerate(rows):
        y = first + r * step
        if r < len(labels):
            for i, line in enumerate(wrap(labels[r], 2 * side - GAP_PX, TEXT_PX)[: max(1, height // (TEXT_PX + 4))]):
                draw.text((MARGIN_PX, y + i * (TEXT_PX + 4)), line, font=font(TEXT_PX), fill=INK)
        for c, tile in enumerate(row):
            if tile is not None:
                _draw_tile(image, draw, tile, left + c * (side + GAP_PX), y, side, height)
    return image


def heading(title: str, note: str, width: int, *, size: int = SMALL_PX, title_size: int = TITLE_PX) -> Image.Image:
    """The top of a picture ``width`` pixels wide: the title on one line, and the note below it, wrapped.

    size, title_size: of the letters, in pixels.
    """
    lines = wrap(note, width - 2 * MARGIN_PX, size)
    below = MARGIN_PX + title_size + 10
    image = Image.new("RGB", (width, below + len(lines) * (size + 5) + (6 if lines else 0)), PAPER)
    draw = ImageDraw.Draw(image)
    title = ellipsize(title, width - 2 * MARGIN_PX, title_size)
    draw.text((MARGIN_PX, MARGIN_PX), title, font=font(title_size), fill=INK)
    for i, line in enumerate(lines):
        draw.text((MARGIN_PX, below + i * (size + 5)), line, font=font(size), fill=MUTED)
    return image


def _draw_tile(
    image: Image.Image, draw: ImageDraw.ImageDraw, tile: Tile, x: int, y: int, side: int, height: int
) -> None:
    picture = resize_to_fit(tile.pixels, side, height)
    image.paste(picture, (x + (side - picture.width) // 2, y + (height - picture.height) // 2))
    if tile.frame is not None:
        draw.rectangle((x - 2, y - 2, x + side + 1, y + height + 1), outline=tile.frame, width=2)
    for i, line in enumerate(tile.caption.splitlines()):
        at = (x, y + height + 2 + i * (SMALL_PX + 4))
        draw.text(at, ellipsize(line, side, SMALL_PX), font=font(SMALL_PX), fill=MUTED)


def in_rows(tiles: Sequence[Tile | None], columns: int) -> list[Sequence[Tile | None]]:
    """Tiles in rows of ``columns``; the last row may be shorter."""
    return [tiles[i : i + columns] for i in range(0, len(tiles), columns)]


def to_image(pixels: np.ndarray) -> Image.Image:
    """uint8 (H, W, 1 or 3) as a grey or RGB picture."""
    return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)


def resize_to_fit(pixels: np.ndarray, side: int, height: int | None = None) -> Image.Image:
    """uint8 (H, W, 1 or 3) scaled to fit ``side`` × ``height`` (or a square of) pixels; a tiny image unsmoothed."""
    rgb = Image.fromarray(np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3))))
    kernel = Image.Resampling.NEAREST if max(rgb.size) < MIN_SMOOTH_PX else Image.Resampling.BICUBIC
    scale = min(side / rgb.width, (height or side) / rgb.height)
    return rgb.resize((max(1, round(rgb.width * scale)), max(1, round(rgb.height * scale))), kernel)


def contact_sheet(images: Sequence[np.ndarray], columns: int) -> Image.Image:
    """Square images, uint8 (size, size, 1 or 3), side by side in rows, each 120 pixels wide, with nothing else."""
    tiles = [resize_to_fit(pixels, CONTACT_PX) for pixels in images]
    return mosaic(tiles, columns, -(-len(tiles) // columns), CONTACT_PX, GAP_PX)


def mosaic(
    tiles: Sequence[Image.Image], columns: int, rows: int, side: int, gap: int, background: tuple[int, int, int] = PAPER
) -> Image.Image:
    """Square tiles of ``side`` pixels in reading order, ``gap`` pixels apart."""
    step = side + gap
    image = Image.new("RGB", (columns * step - gap, rows * step - gap), background)
    for i, tile in enumerate(tiles):
        image.paste(tile, (i % columns * step, i // columns * step))
    return image


def stack_vertically(parts: Sequence[Image.Image]) -> Image.Image:
    """Pictures below one another, left-aligned on white."""
    whole = Image.new("RGB", (max(part.width for part in parts), sum(part.height for part in parts)), PAPER)
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height
    return whole
