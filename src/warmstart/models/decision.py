"""From probabilities to the predicted class: one rule for metrics, tables, pictures, predictions and serving."""

from __future__ import annotations

import numpy as np


def decide(probabilities: np.ndarray, threshold: float | None) -> np.ndarray:
    """The predicted class of each row of probabilities (N, classes), int64 (N,).

    Of two classes it is class 1 where its probability is above ``threshold``. Without a threshold, and of more classes,
    it is the most probable one.
    """
    if threshold is not None and probabilities.shape[1] == 2:
        return np.asarray(probabilities[:, 1] > threshold, dtype=np.int64)
    return np.asarray(probabilities.argmax(axis=1), dtype=np.int64)
