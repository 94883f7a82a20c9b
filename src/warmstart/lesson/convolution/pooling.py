"""Pooling: the greatest or the mean of each 2×2 window, and what a shift of one pixel changes before and after it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch.nn import functional

from warmstart.drawing.colormap import POSITIVE
from warmstart.drawing.sheet import Tile, draw_sheet, resize_to_fit
from warmstart.lesson.convolution.kernels import EDGES
from warmstart.lesson.convolution.respond import respond, shape_text
from warmstart.lesson.convolution.tiles import grey_pixels, matrix_pixels, signed_pixels

SIDE = 190
KERNEL = "vertical"
FULL = 99.5


def pool(values: np.ndarray, kind: str) -> np.ndarray:
    """2×2 pooling of (H, W): float32 (H // 2, W // 2). kind: max or average."""
    pixels = torch.from_numpy(np.ascontiguousarray(values))[None, None]
    pooled = functional.max_pool2d(pixels, 2) if kind == "max" else functional.avg_pool2d(pixels, 2)
    out: np.ndarray = pooled[0, 0].numpy()
    return out


def shifted(grey: np.ndarray, pixels: int = 1) -> np.ndarray:
    """(H, W) moved to the right; the left edge is repeated."""
    return np.concatenate([np.repeat(grey[:, :1], pixels, axis=1), grey[:, :-pixels]], axis=1)


def relative_change(before: np.ndarray, after: np.ndarray) -> float:
    """Sum of absolute differences over the sum of absolute values before; 0 where there is nothing."""
    total = float(np.abs(before).sum())
    return float(np.abs(after - before).sum()) / total if total > 0 else 0.0


def draw_pooling(grey: np.ndarray, name: str) -> tuple[Image.Image, dict[str, Any]]:
    """Image, edge answer after ReLU, and both poolings of it; the same for the image one pixel to the right; the differences.

    The figures: by stage the shape and the relative change under the shift.
    """
    stages = {"plain": _stages(grey), "moved": _stages(shifted(grey))}
    names = list(stages["plain"])
    ends = {key: float(np.percentile(value, FULL)) if key != "image" else 1.0 for key, value in stages["plain"].items()}
    changes = {key: relative_change(stages["plain"][key], stages["moved"][key]) for key in names}
    rows: list[list[Tile | None]] = [_numbers(stages["plain"])]
    for which, words in (("plain", ""), ("moved", ", moved 1 px")):
        rows.append(
            [
                Tile(grey_pixels(stages[which][key], ends[key]), f"{shape_text(stages[which][key])}{words}")
                for key in names
            ]
        )
    rows.append(
        [
            Tile(
                signed_pixels(stages["moved"][key] - stages["plain"][key], ends[key]),
                f"change {100 * changes[key]:.0f} % of the whole",
            )
            for key in names
        ]
    )
    note = (
        "Top: a patch of the answer with its numbers, and the greatest and the mean of each of its 2×2 windows. Below: half the side is left, what was "
        "found stays. Last row: what moving the image by one pixel changes, red more and blue less, as a share of the sum of all values."
    )
    columns = (name, f"{KERNEL} edges, after ReLU", "max pooling 2×2", "average pooling 2×2")
    figures = {
        key: {"shape": list(stages["plain"][key].shape), "relative_change_by_1_px": changes[key]} for key in names
    }
    return draw_sheet(
        rows, "Pooling: smaller maps that care less about where", note, side=SIDE, columns=columns
    ), figures


def _stages(grey: np.ndarray) -> dict[str, np.ndarray]:
    answer = np.maximum(respond(grey, [EDGES[KERNEL]])[0], 0)
    return {"image": grey, "answer": answer, "max": pool(answer, "max"), "average": pool(answer, "average")}


def _numbers(stages: dict[str, np.ndarray]) -> list[Tile | None]:
    """Where the 4×4 patch with the largest sum lies, its numbers, and what both poolings make of it."""
    sums = pool(pool(stages["answer"], "average"), "average")
    row, column = np.unravel_index(int(sums.argmax()), sums.shape)
    patch = stages["answer"][4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
    halves = (stages[kind][2 * row : 2 * row + 2, 2 * column : 2 * column + 2] for kind in ("max", "average"))
    end = float(patch.max())
    tiles = [Tile(matrix_pixels(np.round(part, 1), SIDE, end), shape_text(part)) for part in (patch, *halves)]
    scale = SIDE / max(stages["image"].shape)
    marked = resize_to_fit(grey_pixels(stages["image"]), SIDE)
    x, y = (
        round(scale * (4 * int(at) + 3)) for at in (column, row)
    )  # the patch's middle, past the border that the convolution lost
    half = max(round(2 * scale), 8)  # of a large photo the patch itself would be a dot
    ImageDraw.Draw(marked).rectangle((x - half, y - half, x + half - 1, y + half - 1), outline=POSITIVE, width=2)
    return [Tile(np.asarray(marked), "the patch"), *tiles]
