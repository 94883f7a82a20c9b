"""Kernels as pictures: each a tile, mid-grey where it is 0."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.lettering import fit, font
from warmstart.drawing.sheet import EDGE, GAP, MARGIN, MUTED, PAPER, heading

CELL = 56
COLUMNS = 8
MOST = 64
# Weights this much smaller than the largest of the layer are rounding: such a kernel has died in training.
DEAD = 1e-3
TEXT, TITLE = 12, 16


def kernel_pixels(kernel: np.ndarray, floor: float = 0.0) -> np.ndarray:
    """One kernel, float (C, h, w), as uint8 (h, w, 3): mid-grey is 0, and its largest absolute weight is black or white, so
    that its shape is seen whatever its size. Three channels are red, green and blue; other counts become their mean.

    floor: what the largest weight must reach for that; a weaker kernel, one that has died, stays near grey.
    """
    weights = kernel if kernel.shape[0] == 3 else np.repeat(kernel.mean(axis=0, keepdims=True), 3, axis=0)
    end = max(float(np.abs(weights).max()), floor)
    scaled = weights / end if end > 0 else np.zeros_like(weights)
    pixels: np.ndarray = np.rint(128 + 127 * scaled.transpose(1, 2, 0)).astype(np.uint8)
    return pixels


def draw_kernels(weights: np.ndarray, title: str, what: str = "kernels") -> Image.Image:
    """The kernels of a layer, float (K, C, h, w), as one RGB picture: eight a row, at most 64, each on its own scale and
    with its number and its largest absolute weight written below.

    what: the note's word for them.
    """
    shown = weights[:MOST]
    count, (channels, height, width) = len(weights), weights.shape[1:]
    note = (
        f"{count} {what} of {height}×{width}×{channels}"
        + (f", the first {MOST} shown" if count > MOST else "")
        + ". Mid-grey is 0; each is on its own scale, whose end, its largest |weight|, stands below it."
        + ("" if channels == 3 else " Grey: one channel." if channels == 1 else " Grey: the mean of the channels.")
    )
    full = 2 * MARGIN + COLUMNS * CELL + (COLUMNS - 1) * GAP
    head = heading(title, note, full, size=TEXT, title_size=TITLE)
    top = head.height + 2
    step = CELL + GAP + TEXT + 6
    image = Image.new("RGB", (full, top + -(-len(shown) // COLUMNS) * step + MARGIN // 2), PAPER)
    image.paste(head, (0, 0))
    draw = ImageDraw.Draw(image)
    floor = DEAD * float(np.abs(weights).max())
    for index, kernel in enumerate(shown):
        row, column = divmod(index, COLUMNS)
        x, y = MARGIN + column * (CELL + GAP), top + row * step
        tile = Image.fromarray(kernel_pixels(kernel, floor)).resize((CELL, CELL), Image.Resampling.NEAREST)
        image.paste(tile, (x, y))
        end = float(np.abs(kernel).max())
        draw.rectangle((x - 1, y - 1, x + CELL, y + CELL), outline=EDGE)
        draw.text(
            (x, y + CELL + 3),
            fit(f"{index}: {end:.2g}" if end > floor else f"{index}: 0", CELL, TEXT - 1),
            font=font(TEXT - 1),
            fill=MUTED,
        )
    return image
