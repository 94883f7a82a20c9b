"""How often one number of a photo gives its class."""

from __future__ import annotations

import numpy as np

LEAST = 8  # photos of a class, and of the others, below which nothing is said
BINS, PER_BIN = 20, 10
PARTS = 5


def cross_validated(
    values: np.ndarray, labels: np.ndarray, units: np.ndarray, classes: int, *, categories: bool
) -> float:
    """The share of photos whose class is guessed right from ``values`` (float (N,)) alone: their range is cut into bins, and each
    photo is given the most frequent class of its bin among the other four fifths. Photos of one unit stay together.

    categories: that the values are kinds and no amounts, each its own bin.
    """
    if categories:
        bins = np.unique(values, return_inverse=True)[1]
    else:
        number = int(np.clip(len(values) // (PER_BIN * classes), 2, BINS))
        bins = np.searchsorted(np.unique(np.quantile(values, np.arange(1, number) / number)), values, side="right")
    every, place = np.unique(units, return_inverse=True)
    part = np.random.default_rng(0).permutation(np.arange(len(every)) % PARTS)[place]
    table = np.zeros((PARTS, int(bins.max()) + 1, classes))
    np.add.at(table, (part, bins, labels), 1)
    others = table.sum(0) - table
    # An empty bin says what the whole says.
    others += 1e-6 * others.sum(1, keepdims=True)
    return float((others.argmax(-1)[part, bins] == labels).mean())
