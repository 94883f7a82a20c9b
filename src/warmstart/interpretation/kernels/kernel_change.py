"""What training made of the first kernels: before, after, and the difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from warmstart.drawing.sheet import Tile, draw_sheet
from warmstart.interpretation.kernels.kernel_images import MAX_KERNELS, kernel_pixels, kernel_strip

COLUMNS = 5


@dataclass(frozen=True)
class KernelChange:
    """cosine: of the trained to the initial kernel, in [-1, 1] (0 where one is all zero).

    moved: the length of the difference over the length of the initial kernel.
    """

    cosine: float
    moved: float


def kernel_changes(before: np.ndarray, after: np.ndarray) -> list[KernelChange]:
    """The change of each kernel. before, after: float (K, C, h, w)."""
    a, b = (w.reshape(len(w), -1).astype(np.float64) for w in (before, after))
    lengths = [np.linalg.norm(w, axis=1) for w in (a, b)]
    both = lengths[0] * lengths[1]
    cosines = np.divide((a * b).sum(axis=1), both, out=np.zeros(len(a)), where=both > 0)
    moved = np.divide(np.linalg.norm(b - a, axis=1), lengths[0], out=np.zeros(len(a)), where=lengths[0] > 0)
    return [KernelChange(float(c), float(m)) for c, m in zip(cosines, moved, strict=True)]


def change_metrics(changes: list[KernelChange]) -> dict[str, float]:
    """``median_cosine`` and ``median_moved`` over the kernels."""
    return {
        "median_cosine": float(np.median([change.cosine for change in changes])),
        "median_moved": float(np.median([change.moved for change in changes])),
    }


def draw_change(before: np.ndarray, after: np.ndarray, title: str) -> Image.Image:
    """For each of the first 64 kernels: as training started, as trained, and the difference, all on one scale."""
    changes = kernel_changes(before, after)
    scale = float(max(np.abs(before).max(), np.abs(after).max(), np.abs(after - before).max()))
    tiles = []
    for index, (first, last) in enumerate(list(zip(before, after, strict=True))[:MAX_KERNELS]):
        strip = kernel_strip([kernel_pixels(kernel, scale) for kernel in (first, last, last - first)])
        tiles.append(Tile(strip, f"{index}: cosine {changes[index].cosine:.3f}"))
    metrics = change_metrics(changes)
    note = (
        "Left to right: as training started, as kept, the difference; "
        f"one scale for all, ±{scale:.2g}. Below: the cosine of the two. "
        f"Median cosine {metrics['median_cosine']:.3f}; median length of the difference "
        f"{100 * metrics['median_moved']:.0f} % of the first kernel's (n = {len(changes)})."
    )
    rows = [tiles[i : i + COLUMNS] for i in range(0, len(tiles), COLUMNS)]
    return draw_sheet(rows, title, note, side=tiles[0].pixels.shape[1], height=tiles[0].pixels.shape[0])
