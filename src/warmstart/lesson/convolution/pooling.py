"""The sheet of pooling: the maximum or mean of each 2×2 window, and how a shift by one pixel changes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch.nn import functional

from warmstart.drawing.colormap import POSITIVE, grey_pixels, signed_pixels
from warmstart.drawing.sheet import Tile, draw_sheet, resize_to_fit
from warmstart.lesson import messages
from warmstart.lesson.convolution.convolve import convolve, format_size, scale_end
from warmstart.lesson.convolution.kernels import EDGES
from warmstart.lesson.convolution.matrix import matrix_pixels

TILE_PX = 190
MIN_MARK_PX = 8  # half the side of the patch's mark: in a large photo the patch itself would be a dot
KERNEL = "vertical"


@dataclass(frozen=True)
class PoolingMetrics:
    """shape: of a map. relative_change_by_1_px: see `relative_change`, when the image moves by one pixel."""

    shape: list[int]
    relative_change_by_1_px: float


def pool(values: np.ndarray, kind: str) -> np.ndarray:
    """2×2 pooling of (H, W): float32 (H // 2, W // 2). kind: max or average."""
    pooling = functional.max_pool2d if kind == "max" else functional.avg_pool2d
    return np.asarray(pooling(torch.from_numpy(np.ascontiguousarray(values))[None], 2)[0])


def relative_change(before: np.ndarray, after: np.ndarray) -> float:
    """Sum of absolute differences over the sum of absolute values before; 0 where that is 0."""
    total = float(np.abs(before).sum())
    return float(np.abs(after - before).sum()) / total if total > 0 else 0.0


def draw_pooling(grey: np.ndarray, name: str) -> tuple[Image.Image, dict[str, PoolingMetrics]]:
    """An image, its edges after ReLU, and both poolings of them; the same one pixel to the right; the differences.

    grey: float (H, W) in [0, 1]. name: of the image. Also returns the metrics of each of the four.
    """
    maps, moved = _maps(grey), _maps(np.pad(grey, ((0, 0), (1, 0)), mode="edge")[:, :-1])
    ends = {key: scale_end(value) if key != "image" else 1.0 for key, value in maps.items()}
    metrics = {key: PoolingMetrics(list(maps[key].shape), relative_change(maps[key], moved[key])) for key in maps}
    rows = [_patch_tiles(maps)]
    for some, suffix in ((maps, ""), (moved, ", moved 1 px")):
        rows.append([Tile(grey_pixels(v, ends[key]), f"{format_size(v)}{suffix}") for key, v in some.items()])
    changes = {key: f"change {100 * m.relative_change_by_1_px:.0f} % of the whole" for key, m in metrics.items()}
    rows.append([Tile(signed_pixels(moved[key] - maps[key], ends[key]), changes[key]) for key in maps])
    columns = (name, f"{KERNEL} edges, after ReLU", "max pooling 2×2", "average pooling 2×2")
    return draw_sheet(rows, *messages.POOLING, side=TILE_PX, columns=columns), metrics


def _maps(grey: np.ndarray) -> dict[str, np.ndarray]:
    response = np.maximum(convolve(grey, [EDGES[KERNEL]])[0], 0)
    return {"image": grey, "answer": response, "max": pool(response, "max"), "average": pool(response, "average")}


def _patch_tiles(maps: dict[str, np.ndarray]) -> list[Tile]:
    """Where the 4×4 patch with the largest sum is, its numbers, and those of both poolings of it."""
    sums = pool(pool(maps["answer"], "average"), "average")
    row, column = (int(at) for at in np.unravel_index(int(sums.argmax()), sums.shape))
    patch = maps["answer"][4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
    pooled = (maps[kind][2 * row : 2 * row + 2, 2 * column : 2 * column + 2] for kind in ("max", "average"))
    end = float(patch.max())
    tiles = [Tile(matrix_pixels(np.round(part, 1), TILE_PX, end), format_size(part)) for part in (patch, *pooled)]
    scale = TILE_PX / max(maps["image"].shape)
    marked = resize_to_fit(grey_pixels(maps["image"]), TILE_PX)
    # The patch's middle, counting the border that the convolution lost.
    x, y = (round(scale * (4 * at + 3)) for at in (column, row))
    half = max(round(2 * scale), MIN_MARK_PX)
    ImageDraw.Draw(marked).rectangle((x - half, y - half, x + half - 1, y + half - 1), outline=POSITIVE, width=2)
    return [Tile(np.asarray(marked), "the patch"), *tiles]
