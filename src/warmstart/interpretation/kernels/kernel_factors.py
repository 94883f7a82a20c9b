"""Each kernel as a colour times a shape, and the classic filter that the shape is nearest to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from warmstart.drawing.sheet import Tile, draw_sheet, in_rows
from warmstart.interpretation.filters import MIN_GABOR_SIDE_PX, Match, chance, classic_filters, gabor_filters, nearest
from warmstart.interpretation.kernels.kernel_images import MAX_KERNELS, STRIP_PX, kernel_pixels, kernel_strip

COLUMNS = 4
BANKS = {"classic": "classic", "gabor": "Gabor"}  # their names in files and in notes
GREY_COSINE = 0.95  # to equal weights for red, green and blue, from which a kernel counts as colourless


@dataclass(frozen=True)
class KernelFactors:
    """A kernel (C, h, w) as ``colour`` (C,) times ``shape`` (h, w), both of length 1, and a strength.

    share: of the kernel's energy (the sum of its squares) in this product, in [0, 1]; 0 for a kernel of zeros. classic,
    gabor: the nearest filter; gabor is None for small kernels.
    """

    colour: np.ndarray
    shape: np.ndarray
    share: float
    classic: Match
    gabor: Match | None

    def to_dict(self) -> dict[str, object]:
        """Plain data."""
        return {
            "rank1_share": self.share,
            "colour": [float(c) for c in self.colour],
            "classic": self.classic._asdict(),
            "gabor": self.gabor and self.gabor._asdict(),
        }


def factorise_kernels(weights: np.ndarray) -> list[KernelFactors]:
    """Factorise kernels, float (K, C, h, w), by singular value decomposition; the colour's sum is 0 or more."""
    count, channels, height, width = weights.shape
    u, s, vt = np.linalg.svd(weights.astype(np.float64).reshape(count, channels, -1), full_matrices=False)
    sign = np.where(u[:, :, 0].sum(axis=1) < 0, -1.0, 1.0)
    colours, shapes = u[:, :, 0] * sign[:, None], (vt[:, 0] * sign[:, None]).reshape(count, height, width)
    energy = (s**2).sum(axis=1)
    shares = np.divide(s[:, 0] ** 2, energy, out=np.zeros(count), where=energy > 0)
    shapes = shapes * (energy > 0)[:, None, None]  # a kernel of zeros has no shape
    classic = nearest(shapes, classic_filters(height, width))
    gabor: Sequence[Match | None] = [None] * count
    if min(height, width) >= MIN_GABOR_SIDE_PX:
        gabor = nearest(shapes, gabor_filters(height, width))
    return [KernelFactors(*parts) for parts in zip(colours, shapes, shares.tolist(), classic, gabor, strict=True)]


def factor_metrics(factors: Sequence[KernelFactors]) -> dict[str, Any]:
    """Metrics over all kernels of a layer, as plain data.

    rank1_share: mean share of the product. colourless: kernels near equal weights for red, green and blue; None for
    other channels. classic, gabor: kernels beside a bank of filters (gabor is absent for small kernels): median
    absolute cosine, ``chance``, and kernels above its 95 % point.
    """
    colours = np.stack([f.colour for f in factors])
    grey = np.abs(colours.sum(axis=1)) / np.sqrt(colours.shape[1])
    metrics: dict[str, Any] = {
        "rank1_share": float(np.mean([f.share for f in factors])),
        "colourless": int((grey > GREY_COSINE).sum()) if colours.shape[1] == 3 else None,
    }
    for key in BANKS:
        matches: list[Match] = list(filter(None, (getattr(f, key) for f in factors)))
        if matches:
            cosines, random = np.abs([m.cosine for m in matches]), chance(*factors[0].shape.shape, key == "gabor")
            beyond = int((cosines > random["p95"]).sum())
            metrics[key] = {"median": float(np.median(cosines)), "random": random, "beyond_random_p95": beyond}
    return metrics


def draw_factors(weights: np.ndarray, factors: Sequence[KernelFactors], title: str, remark: str = "") -> Image.Image:
    """Of the first 64 kernels: the kernel, its colour (of three channels), its shape, the nearest filter.

    remark: the beginning of the note.
    """
    channels, height, width = weights.shape[1:]
    banks = classic_filters(height, width) | (gabor_filters(height, width) if factors[0].gabor else {})
    tiles = []
    for index, (kernel, f) in enumerate(list(zip(weights, factors, strict=True))[:MAX_KERNELS]):
        name, cosine = max(filter(None, (f.classic, f.gabor)), key=lambda match: abs(match.cosine))
        filter_ = np.sign(cosine) * banks[name] if f.share else np.zeros((height, width))
        parts = [
            kernel,
            *([f.colour.reshape(3, 1, 1)] if channels == 3 else []),
            *([f.shape[None]] if channels > 1 else []),
            filter_[None],
        ]
        caption = f"{_short(name, cosine)} {abs(cosine):.2f}" if f.share else "0"
        tiles.append(Tile(kernel_strip([kernel_pixels(part) for part in parts]), f"{index}: {caption}"))
    note = f"{remark} {_note(factor_metrics(factors), channels, len(factors))}".strip()
    return draw_sheet(in_rows(tiles, COLUMNS), title, note, side=tiles[0].pixels.shape[1], height=STRIP_PX)


def _note(metrics: Mapping[str, Any], channels: int, count: int) -> str:
    order = ["the kernel", *["its colour"][: channels == 3], *["its shape"][: channels > 1], "the nearest filter"]
    found = ", ".join(
        f"{m['beyond_random_p95']} of {count} are that like a {kind} filter (above {m['random']['p95']:.2f})"
        for key, kind in BANKS.items()
        if (m := metrics.get(key))
    )
    return (
        f"Left to right: {', '.join(order)}; below, its name and |cosine| (− its negative). "
        f"Of random kernels 5 % come so close to such a filter; here {found}."
        + (
            f" Colour × shape holds {100 * metrics['rank1_share']:.0f} % of the kernels' energy."
            if channels > 1
            else ""
        )
    )


def _short(name: str, cosine: float) -> str:
    return ("−" if cosine < 0 else "") + (name.split(",")[0] if name.startswith("Gabor") else name)
