"""A share of the training images: stratified, and nested, so that a smaller share is part of a larger one."""

from __future__ import annotations

import math

import numpy as np


def nested_subset(labels: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Rows of a share of the images, int64 (M,), ascending; of each class its share, rounded up, so at least one image.

    labels: int64 (N,). share: above 0, up to 1, which is every row. seed: decides which; with the same seed, the rows
    of a smaller share are among those of a larger one.
    """
    rng = np.random.default_rng(seed)
    chosen = []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        chosen.append(rows[: math.ceil(round(share * len(rows), 9))])
    return np.sort(np.concatenate(chosen)) if chosen else np.empty(0, dtype=np.int64)
