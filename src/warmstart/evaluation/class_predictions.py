"""Predicted classes with their probabilities, and what is computed of each image from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Predictions:
    """Of N images. probabilities: float64 (N, classes). predicted: int64 (N,), the predicted class of each."""

    probabilities: np.ndarray
    predicted: np.ndarray

    @property
    def confidence(self) -> np.ndarray:
        """The probability of the predicted class, (N,). Of two classes it is below 0.5 where the threshold is not 0.5
        and the image lies between the two.
        """
        array: np.ndarray = self.probabilities[np.arange(len(self.predicted)), self.predicted]
        return array


def cross_entropies(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Cross-entropy of each image in nats, (N,). probabilities: (N, classes). labels: int64 (N,)."""
    out: np.ndarray = -np.log(np.clip(probabilities[np.arange(len(labels)), labels], 1e-12, 1.0))
    return out


def confidence_bins(confidence: np.ndarray, bins: int) -> np.ndarray:
    """The bin of each confidence, (N,), of so many of equal width: int64 (N,), from 0."""
    index: np.ndarray = np.minimum((confidence * bins).astype(int), bins - 1)
    return index
