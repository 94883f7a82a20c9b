"""Kernels as pictures: each a tile, mid-grey where it is 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.lettering import fit, font
from warmstart.drawing.sheet import EDGE, GAP, MARGIN, MUTED, PAPER, heading

TILE_PX, STRIP_PX, STRIP_GAP = 56, 40, 3
COLUMNS, MAX_KERNELS = 8, 64
DEAD_SHARE = 1e-3  # of the layer's largest weight; smaller ones are rounding: such a kernel has died in training
TEXT, TITLE = 12, 16


def kernel_pixels(kernel: np.ndarray, floor: float = 0.0) -> np.ndarray:
    """One kernel, float (C, h, w), as uint8 (h, w, 3): mid-grey is 0, and its largest absolute weight is black or white.

    Three channels are red, green and blue; other counts become their mean.

    floor: what the largest weight must reach to be black or white; a weaker kernel stays near grey.
    """
    weights = kernel if kernel.shape[0] == 3 else np.repeat(kernel.mean(axis=0, keepdims=True), 3, axis=0)
    end = max(float(np.abs(weights).max()), floor)
    scaled = weights / end if end > 0 else np.zeros_like(weights)
    return np.asarray(np.rint(128 + 127 * scaled.transpose(1, 2, 0)).astype(np.uint8))


def kernel_strip(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Tiny pictures, uint8 (h, w, 3), enlarged to squares with their pixels' edges kept, in one strip (40, …, 3)."""
    strip = np.full((STRIP_PX, len(parts) * (STRIP_PX + STRIP_GAP) - STRIP_GAP, 3), 255, dtype=np.uint8)
    for i, part in enumerate(parts):
        left = i * (STRIP_PX + STRIP_GAP)
        large = Image.fromarray(part).resize((STRIP_PX - 2, STRIP_PX - 2), Image.Resampling.NEAREST)
        strip[:, left : left + STRIP_PX] = EDGE
        strip[1:-1, left + 1 : left + STRIP_PX - 1] = np.asarray(large)
    return strip


def draw_kernels(weights: np.ndarray, title: str, what: str = "kernels") -> Image.Image:
    """The kernels of a layer, float (K, C, h, w), as one RGB picture: eight a row, at most 64, each on its own scale.

    Number and largest absolute weight of each are written below it. what: the note's word for them.
    """
    shown = weights[:MAX_KERNELS]
    count, (channels, height, width) = len(weights), weights.shape[1:]
    note = (
        f"{count} {what} of {height}×{width}×{channels}"
        + (f", the first {MAX_KERNELS} shown" if count > MAX_KERNELS else "")
        + ". Mid-grey is 0; each is on its own scale, whose end, its largest |weight|, stands below it."
        + {3: "", 1: " Grey: one channel."}.get(channels, " Grey: the mean of the channels.")
    )
    full = 2 * MARGIN + COLUMNS * TILE_PX + (COLUMNS - 1) * GAP
    head = heading(title, note, full, size=TEXT, title_size=TITLE)
    top = head.height + 2
    step = TILE_PX + GAP + TEXT + 6
    image = Image.new("RGB", (full, top + -(-len(shown) // COLUMNS) * step + MARGIN // 2), PAPER)
    image.paste(head, (0, 0))
    draw = ImageDraw.Draw(image)
    floor = DEAD_SHARE * float(np.abs(weights).max())
    for index, kernel in enumerate(shown):
        row, column = divmod(index, COLUMNS)
        x, y = MARGIN + column * (TILE_PX + GAP), top + row * step
        tile = Image.fromarray(kernel_pixels(kernel, floor)).resize((TILE_PX, TILE_PX), Image.Resampling.NEAREST)
        image.paste(tile, (x, y))
        draw.rectangle((x - 1, y - 1, x + TILE_PX, y + TILE_PX), outline=EDGE)
        end = float(np.abs(kernel).max())
        caption = fit(f"{index}: {end:.2g}" if end > floor else f"{index}: 0", TILE_PX, TEXT - 1)
        draw.text((x, y + TILE_PX + 3), caption, font=font(TEXT - 1), fill=MUTED)
    return image
