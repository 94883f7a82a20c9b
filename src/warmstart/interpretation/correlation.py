"""Spearman's rank correlation: how alike two maps are on the layer's own cells, or two rows of figures."""

from __future__ import annotations

import numpy as np


def spearman(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Correlation of each pair of maps, float64 (N,), in [-1, 1]; NaN where one of the two is flat. first, second: (N, h, w)."""
    a, b = standard_ranks(first), standard_ranks(second)
    out: np.ndarray = (a * b).sum(axis=1)
    return out


def with_others(maps: np.ndarray) -> np.ndarray:
    """The mean correlation of each map with those of all other images, (N,): what maps have in common whatever the image.
    NaN for a flat map.
    """
    ranks = standard_ranks(maps)
    table = ranks @ ranks.T
    np.fill_diagonal(table, np.nan)
    known = ~np.isnan(table)
    count = known.sum(axis=1)
    out: np.ndarray = np.where(count > 0, np.where(known, table, 0).sum(axis=1) / np.maximum(count, 1), np.nan)
    return out


def standard_ranks(maps: np.ndarray) -> np.ndarray:
    """Ranks of a map's cells, equal values sharing their mean rank, centred and scaled to length 1: float64 (N, h·w);
    NaN for a flat map.
    """
    flat = maps.reshape(len(maps), -1)
    out = np.full(flat.shape, np.nan)
    for i, values in enumerate(flat):
        _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
        if len(counts) > 1:
            ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
            ranks = ranks - ranks.mean()
            out[i] = ranks / np.sqrt((ranks**2).sum())
    return out
