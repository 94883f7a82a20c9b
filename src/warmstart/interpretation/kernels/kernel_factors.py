"""Each kernel as a colour times a shape, and the classic filter that the shape is nearest to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from warmstart.drawing.sheet import EDGE, Tile, draw_sheet
from warmstart.interpretation.filters import GABOR_FROM, chance, classic_filters, gabor_filters, nearest
from warmstart.interpretation.kernels.kernel_images import MOST, kernel_pixels

CELL, GAP, COLUMNS = 40, 3, 4
GREY = 0.95  # cosine to equal weights for red, green and blue from which a kernel counts as colourless


@dataclass(frozen=True)
class Split:
    """A kernel (C, h, w) as ``colour`` (C,) times ``shape`` (h, w), both of length 1, and a strength.

    share: of the kernel's energy (the sum of its squares) that this product holds, in [0, 1]; 0 for a kernel of zeros.
    classic, gabor: the nearest filter's name and its cosine, below 0 for its negative; gabor is None for small kernels.
    """

    colour: np.ndarray
    shape: np.ndarray
    share: float
    classic: tuple[str, float]
    gabor: tuple[str, float] | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        named = {"classic": self.classic, "gabor": self.gabor}
        return {
            "rank1_share": self.share,
            "colour": [float(c) for c in self.colour],
            **{key: {"filter": pair[0], "cosine": pair[1]} if pair else None for key, pair in named.items()},
        }


def factorise_kernels(weights: np.ndarray) -> list[Split]:
    """Split kernels, float (K, C, h, w), each by its singular value decomposition; the colour's sum is 0 or more."""
    count, channels, height, width = weights.shape
    u, s, vt = np.linalg.svd(weights.astype(np.float64).reshape(count, channels, -1), full_matrices=False)
    sign = np.where(u[:, :, 0].sum(axis=1) < 0, -1.0, 1.0)
    colours, shapes = u[:, :, 0] * sign[:, None], (vt[:, 0] * sign[:, None]).reshape(count, height, width)
    energy = (s**2).sum(axis=1)
    shares = np.divide(s[:, 0] ** 2, energy, out=np.zeros(count), where=energy > 0)
    shapes = shapes * (energy > 0)[:, None, None]  # a kernel of zeros has no shape
    classic = nearest(shapes, classic_filters(height, width))
    large = min(height, width) >= GABOR_FROM
    gabor: Sequence[tuple[str, float] | None] = (
        nearest(shapes, gabor_filters(height, width)) if large else [None] * count
    )
    return [Split(*parts) for parts in zip(colours, shapes, shares.tolist(), classic, gabor, strict=True)]


def factor_metrics(splits: Sequence[Split]) -> dict[str, Any]:
    """What the kernels have in common: mean share of the product, how many are colourless, and how many are nearer to a classic
    (or Gabor) filter than 95 % of random kernels are.
    """
    height, width = splits[0].shape.shape
    colours = np.stack([split.colour for split in splits])
    plain = np.abs(colours.sum(axis=1)) / np.sqrt(colours.shape[1])
    figures: dict[str, Any] = {
        "rank1_share": float(np.mean([split.share for split in splits])),
        "colourless": int((plain > GREY).sum()) if colours.shape[1] == 3 else None,
        "classic": _matches([split.classic[1] for split in splits], chance(height, width)),
    }
    if splits[0].gabor:
        figures["gabor"] = _matches(
            [split.gabor[1] for split in splits if split.gabor], chance(height, width, gabor=True)
        )
    return figures


def _matches(cosines: Sequence[float], random: dict[str, float]) -> dict[str, Any]:
    found = np.abs(cosines)
    return {
        "median": float(np.median(found)),
        "random": random,
        "beyond_random_p95": int((found > random["p95"]).sum()),
    }


def draw_factors(weights: np.ndarray, splits: Sequence[Split], title: str, remark: str = "") -> Image.Image:
    """For each of the first 64 kernels: the kernel, its colour (for three channels), its shape, the nearest filter.

    remark: what the note says first.
    """
    height, width = weights.shape[2:]
    banks = classic_filters(height, width) | (gabor_filters(height, width) if splits[0].gabor else {})
    tiles = []
    for index, (kernel, split) in enumerate(list(zip(weights, splits, strict=True))[:MOST]):
        name, cosine = max((pair for pair in (split.classic, split.gabor) if pair), key=lambda pair: abs(pair[1]))
        likeness = np.sign(cosine) * banks[name] if split.share else np.zeros((height, width))
        parts = [kernel_pixels(kernel)]
        if weights.shape[1] == 3:
            parts.append(kernel_pixels(split.colour.reshape(3, 1, 1)))
        if weights.shape[1] > 1:
            parts.append(kernel_pixels(split.shape[None]))
        parts.append(kernel_pixels(likeness[None]))
        caption = f"{index}: {_short(name, cosine)} {abs(cosine):.2f}" if split.share else f"{index}: 0"
        tiles.append(Tile(side_by_side(parts), caption))
    order = [
        "the kernel",
        *["its colour"][: weights.shape[1] == 3],
        *["its shape"][: weights.shape[1] > 1],
        "the nearest filter",
    ]
    figures = factor_metrics(splits)
    kinds = [(kind, figures[kind]) for kind in ("classic", "gabor") if kind in figures]
    found = ", ".join(
        f"{f['beyond_random_p95']} of {len(splits)} are that like a {'Gabor' if kind == 'gabor' else kind} filter (above {f['random']['p95']:.2f})"
        for kind, f in kinds
    )
    split_note = (
        f" Colour × shape holds {100 * figures['rank1_share']:.0f} % of the kernels' energy."
        if weights.shape[1] > 1
        else ""
    )
    note = f"{remark} Left to right: {', '.join(order)}; below, its name and |cosine| (− its negative). Of random kernels 5 % come so close to such a filter; here {found}.{split_note}"
    rows = [tiles[i : i + COLUMNS] for i in range(0, len(tiles), COLUMNS)]
    return draw_sheet(rows, title, note.strip(), side=tiles[0].pixels.shape[1], height=CELL)


def side_by_side(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Tiny pictures, uint8 (h, w, 3), enlarged to squares with their pixels' edges kept, in one white strip (CELL, …, 3)."""
    strip = np.full((CELL, len(parts) * (CELL + GAP) - GAP, 3), 255, dtype=np.uint8)
    for i, part in enumerate(parts):
        left = i * (CELL + GAP)
        large = Image.fromarray(part).resize((CELL - 2, CELL - 2), Image.Resampling.NEAREST)
        strip[:, left : left + CELL] = EDGE
        strip[1:-1, left + 1 : left + CELL - 1] = np.asarray(large)
    return strip


def _short(name: str, cosine: float) -> str:
    return ("−" if cosine < 0 else "") + (name.split(",")[0] if name.startswith("Gabor") else name)
