"""A map in numbers: how much of it speaks for the class, how spread it is, and how far out."""

from __future__ import annotations

import numpy as np

from warmstart.interpretation.attribution.gradcam import upsample

# Border and centre are parts of the picture, not of the map's cells, so that networks with maps of any size compare.
GRID = 56
BORDER = GRID // 7  # to each side: on a map of 7 × 7 cells, the outer ring
BORDER_AREA = 1 - (1 - 2 * BORDER / GRID) ** 2
CENTRE_AREA = 0.25
MOST = 0.8


def conflict_index(maps: np.ndarray) -> np.ndarray:
    """How much a map speaks for both sides: min(for, against) / (for + against), in [0, 0.5], of maps (N, h, w): (N,).

    NaN for a map that is 0 everywhere.
    """
    pro, contra = maps.clip(min=0).sum((1, 2)), (-maps).clip(min=0).sum((1, 2))
    return _ratio(np.minimum(pro, contra), pro + contra)


def measure(maps: np.ndarray) -> dict[str, np.ndarray]:
    """Measures of signed maps, float (N, h, w), each float64 (N,); NaN where a map has nothing to measure.

    positive_share: of the mass. conflict: see ``conflict_index``. Of the evidence alone (what is above 0):
    border_share: in the outer seventh to each side, which is 49 % of the picture; centre_share: in the middle quarter of the
    picture's area; cells: the smallest share of the map's cells that holds 80 % of it.
    """
    maps = maps.astype(np.float64)
    evidence = maps.clip(min=0)
    total = evidence.sum((1, 2))
    fine = upsample(evidence, GRID)
    whole, quarter = fine.sum((1, 2)), GRID // 4
    inner = fine[:, BORDER:-BORDER, BORDER:-BORDER].sum((1, 2))
    centre = fine[:, quarter:-quarter, quarter:-quarter].sum((1, 2))
    falling = np.sort(evidence.reshape(len(maps), -1), axis=1)[:, ::-1].cumsum(axis=1)
    needed = (falling < MOST * total[:, None]).sum(axis=1) + 1.0
    return {
        "positive_share": _ratio(total, np.abs(maps).sum((1, 2))),
        "conflict": conflict_index(maps),
        "border_share": _ratio(whole - inner, whole),
        "centre_share": _ratio(centre, whole),
        "cells": np.where(total > 0, needed / falling.shape[1], np.nan),
    }


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    out = np.full(len(whole), np.nan)
    np.divide(part, whole, out=out, where=whole > 0)
    return out
