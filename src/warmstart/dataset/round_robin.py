"""An order of images in which the classes alternate, so that any prefix of it is as balanced as possible."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def round_robin_order(labels: ArrayLike) -> np.ndarray:
    """Indices into ``labels``, int64 (N,): the first image of each class, then the second of each, and so on. Within a
    class the images keep their order.
    """
    classes = np.asarray(labels, dtype=np.int64)
    turn = np.zeros_like(classes)
    for label in np.unique(classes):
        turn[classes == label] = np.arange((classes == label).sum())
    return np.lexsort((classes, turn))
