"""Classes of different sizes that count the same in training: by weights in the loss or balanced sampling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def class_weights(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """A weight per class, float32 (n_classes,): n / (k · n_c) for a class of n_c among n images, of k classes that have
    any.

    Their mean over the images is 1, so that learning rates stay comparable; a class without images has weight 0.
    """
    counts = np.bincount(labels, minlength=n_classes)
    present = counts > 0
    weights = np.zeros(n_classes, dtype=np.float32)
    weights[present] = len(labels) / (present.sum() * counts[present])
    return weights


def rows_by_class(labels: np.ndarray) -> list[np.ndarray]:
    """The rows of each class that has any, int64, in order."""
    counts = np.bincount(labels)
    return [rows for rows in np.split(np.argsort(labels, kind="stable"), np.cumsum(counts)[:-1]) if len(rows)]


def balanced_order(classes: Sequence[np.ndarray], n: int, rng: np.random.Generator) -> np.ndarray:
    """``n`` shuffled rows, int64 (n,), with equally many of each class (within 1) and, in a class, of each image
    (within 1). classes: as ``rows_by_class`` returns them.
    """
    counts = np.full(len(classes), n // len(classes))
    counts[rng.permutation(len(classes))[: n % len(classes)]] += 1
    drawn = []
    for rows, number in zip(classes, counts, strict=True):
        passes = -(-number // len(rows))
        drawn.append(np.concatenate([rows[:0], *(rng.permutation(rows) for _ in range(passes))])[:number])
    return rng.permutation(np.concatenate(drawn))
