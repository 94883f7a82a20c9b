"""Random labels, units and ready-made splits, for tests of what must hold for all of them."""

from __future__ import annotations

from typing import Any

import numpy as np


def wishes(**changes: Any) -> dict[str, Any]:
    """The keys of the ``data`` group that decide on splits, as they are by default."""
    every = {"train": None, "val": None, "test": None, "per_class": None, "folds": None}
    return {**every, "val_fraction": 0.2, "test_fraction": 0.2, "seed": 0, **changes}


def random_units(seed: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Labels and units of 40 to 300 images, and names of classes: single images, long-tailed groups, groups only, or a
    few pairs; one group in ten has images of several classes.
    """
    rng = np.random.default_rng(seed)
    wanted, classes = int(rng.integers(40, 300)), int(rng.integers(2, 5))
    units: list[int] = []
    labels: list[int] = []
    while len(units) < wanted:
        several = rng.random() < 0.2
        size = [1, min(int(rng.geometric(0.4)), 30), int(rng.integers(2, 8)), 2 if several else 1][seed % 4]
        label, mixed = int(rng.integers(classes)), rng.random() < 0.1
        labels += [int(rng.integers(classes)) if mixed else label for _ in range(size)]
        units += [units[-1] + 1 if units else 0] * size
    order = rng.permutation(len(units))
    return np.array(labels)[order], np.array(units)[order], [f"c{label}" for label in range(classes)]


def straddle(units: np.ndarray, parts: np.ndarray) -> int:
    """How many units have used images in more than one part."""
    used = parts >= 0
    return sum(len(set(parts[used & (units == unit)])) > 1 for unit in np.unique(units))


def table(labels: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """How many images of each class each part has, int64 (parts, classes)."""
    return np.stack([np.bincount(labels[parts == part], minlength=labels.max() + 1) for part in range(parts.max() + 1)])
