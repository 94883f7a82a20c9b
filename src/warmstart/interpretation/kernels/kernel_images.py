"""Kernels as pictures, mid-grey where they are 0, and what training made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.colormap import to_uint8
from warmstart.drawing.sheet import EDGE, GAP_PX, MARGIN_PX, MUTED, PAPER, Tile, draw_sheet, heading, in_rows
from warmstart.drawing.text_layout import ellipsize, font

TILE_PX, STRIP_PX, STRIP_GAP = 56, 40, 3
COLUMNS, MAX_KERNELS = 8, 64
DEAD_SHARE = 1e-3  # of the layer's largest weight; smaller ones are rounding: such a kernel has died in training
TEXT, TITLE = 12, 16
CHANGE_COLUMNS = 5


def kernel_pixels(kernel: np.ndarray, floor: float = 0.0) -> np.ndarray:
    """A kernel, float (C, h, w), as uint8 (h, w, 3): mid-grey is 0, and its largest absolute weight black or white.

    Three channels are red, green and blue; other counts become their mean. floor: what the largest weight must reach to
    be black or white; a weaker kernel stays near grey.
    """
    weights = kernel if kernel.shape[0] == 3 else np.repeat(kernel.mean(axis=0, keepdims=True), 3, axis=0)
    end = max(float(np.abs(weights).max()), floor)
    scaled = weights / end if end > 0 else np.zeros_like(weights)
    return to_uint8(128 + 127 * scaled.transpose(1, 2, 0))


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
    full = 2 * MARGIN_PX + COLUMNS * TILE_PX + (COLUMNS - 1) * GAP_PX
    head = heading(title, note, full, size=TEXT, title_size=TITLE)
    top = head.height + 2
    step = TILE_PX + GAP_PX + TEXT + 6
    image = Image.new("RGB", (full, top + -(-len(shown) // COLUMNS) * step + MARGIN_PX // 2), PAPER)
    image.paste(head, (0, 0))
    draw = ImageDraw.Draw(image)
    floor = DEAD_SHARE * float(np.abs(weights).max())
    for index, kernel in enumerate(shown):
        row, column = divmod(index, COLUMNS)
        x, y = MARGIN_PX + column * (TILE_PX + GAP_PX), top + row * step
        tile = Image.fromarray(kernel_pixels(kernel, floor)).resize((TILE_PX, TILE_PX), Image.Resampling.NEAREST)
        image.paste(tile, (x, y))
        draw.rectangle((x - 1, y - 1, x + TILE_PX, y + TILE_PX), outline=EDGE)
        end = float(np.abs(kernel).max())
        caption = ellipsize(f"{index}: {end:.2g}" if end > floor else f"{index}: 0", TILE_PX, TEXT - 1)
        draw.text((x, y + TILE_PX + 3), caption, font=font(TEXT - 1), fill=MUTED)
    return image


def kernel_changes(before: np.ndarray, after: np.ndarray) -> dict[str, np.ndarray]:
    """The change of each kernel, float64 (K,) each. before, after: float (K, C, h, w).

    ``cosine``: of the trained to the initial kernel, in [-1, 1] (0 where one is all zero). ``moved``: the length of the
    difference over the length of the initial kernel (0 where that is 0).
    """
    a, b = (w.reshape(len(w), -1).astype(np.float64) for w in (before, after))
    start, end, difference = (np.linalg.norm(w, axis=1) for w in (a, b, b - a))
    none = np.zeros((2, len(a)))
    cosine = np.divide((a * b).sum(axis=1), start * end, out=none[0], where=start * end > 0)
    return {"cosine": cosine, "moved": np.divide(difference, start, out=none[1], where=start > 0)}


def change_metrics(changes: Mapping[str, np.ndarray]) -> dict[str, float]:
    """``median_cosine`` and ``median_moved`` over the kernels."""
    return {f"median_{key}": float(np.median(values)) for key, values in changes.items()}


def draw_change(before: np.ndarray, after: np.ndarray, title: str) -> Image.Image:
    """For each of the first 64 kernels: as training started, as trained, and the difference, all on one scale."""
    changes = kernel_changes(before, after)
    scale = float(max(np.abs(before).max(), np.abs(after).max(), np.abs(after - before).max()))
    tiles = []
    for index, (first, last) in enumerate(list(zip(before, after, strict=True))[:MAX_KERNELS]):
        strip = kernel_strip([kernel_pixels(kernel, scale) for kernel in (first, last, last - first)])
        tiles.append(Tile(strip, f"{index}: cosine {changes['cosine'][index]:.3f}"))
    metrics = change_metrics(changes)
    note = (
        "Left to right: as training started, as kept, the difference; "
        f"one scale for all, ±{scale:.2g}. Below: the cosine of the two. "
        f"Median cosine {metrics['median_cosine']:.3f}; median length of the difference "
        f"{100 * metrics['median_moved']:.0f} % of the first kernel's (n = {len(before)})."
    )
    return draw_sheet(in_rows(tiles, CHANGE_COLUMNS), title, note, side=tiles[0].pixels.shape[1], height=STRIP_PX)
