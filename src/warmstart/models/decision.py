"""The rule that turns probabilities into a class: one for figures, tables, pictures, predictions and serving."""

from __future__ import annotations

import numpy as np


def decide(probabilities: np.ndarray, threshold: float | None) -> np.ndarray:
    """The class that each row of probabilities (N, classes) means, int64 (N,).

    Of two classes it is ``classes[1]`` where its probability is above ``threshold``; without a threshold (None), and of more
    classes, the most probable one.
    """
    if threshold is not None and probabilities.shape[1] == 2:
        return np.asarray(probabilities[:, 1] > threshold, dtype=np.int64)
    return np.asarray(probabilities.argmax(axis=1), dtype=np.int64)
