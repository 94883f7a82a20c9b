"""How much of a map lies where it should."""

from __future__ import annotations

import numpy as np

from warmstart.interpretation.attribution.gradcam import upsample
from warmstart.interpretation.faithfulness.controls import shrink


def energy_inside(large: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Which share of a map's positive values lies inside, float64 (N,), in [0, 1]. A map with nothing above 0 gets the
    share of the area, which is what a map that says nothing would get.

    large: (N, H, W). inside: (N, H, W) of 0 and 1.
    """
    positive = np.clip(large, 0, None).astype(np.float64)
    total = positive.sum(axis=(1, 2))
    area = inside.mean(axis=(1, 2), dtype=np.float64)
    share: np.ndarray = np.where(total > 0, (positive * inside).sum(axis=(1, 2)) / np.where(total > 0, total, 1), area)
    return share


def points_inside(large: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The pointing game: 1 where a map's highest pixel lies inside, else 0; (N,). A map with nothing above 0 gets the share
    of the area.

    Source: J. Zhang et al., "Top-down neural attention by excitation backprop", ECCV 2016; without its tolerance.
    """
    flat = large.reshape(len(large), -1)
    hit = inside.reshape(len(large), -1)[np.arange(len(large)), flat.argmax(axis=1)].astype(np.float64)
    out: np.ndarray = np.where(flat.max(axis=1) > 0, hit, inside.mean(axis=(1, 2), dtype=np.float64))
    return out


def attainable(inside: np.ndarray, cells: tuple[int, int]) -> np.ndarray:
    """The energy inside, (N,), of a map that is as right as its resolution lets it be: each of its cells as high as the share
    of it that lies inside, enlarged as maps are. A coarse map cannot keep to a region's border, and is not to be blamed.
    """
    return energy_inside(upsample(shrink(inside, cells), inside.shape[1]), inside)
