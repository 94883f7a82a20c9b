"""Whether a probability can be believed: temperature, threshold and calibration error."""

from __future__ import annotations

import math

import numpy as np

from warmstart.evaluation.predictions import losses


def find_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature, in [0.05, 20], that makes the cross-entropy on validation data least.

    logits: (N, outputs), one column meaning two classes. Guo et al., "On Calibration of Modern Neural Networks" (2017);
    the loss is convex in 1/T, so a golden-section search over log T finds it.
    """

    def loss(log_t: float) -> float:
        return float(losses(softmax(logits / math.exp(log_t)), labels).mean())

    low, high = math.log(0.05), math.log(20.0)
    golden = (math.sqrt(5) - 1) / 2
    for _ in range(60):
        left, right = high - golden * (high - low), low + golden * (high - low)
        if loss(left) <= loss(right):
            high = right
        else:
            low = left
    return math.exp((low + high) / 2)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities (N, classes) of logits (N, outputs); one column means two classes."""
    scores = np.concatenate([np.zeros_like(logits), logits], axis=1) if logits.shape[1] == 1 else logits
    scores = np.exp(scores - scores.max(1, keepdims=True))
    normalised: np.ndarray = scores / scores.sum(1, keepdims=True)
    return normalised


def find_threshold(positive: np.ndarray, labels: np.ndarray) -> float:
    """The threshold on the probability of ``classes[1]`` that is right most often on validation data; ties: nearest to 0.5."""
    order = np.unique(positive)
    candidates = np.concatenate([[0.5], (order[1:] + order[:-1]) / 2])
    right = np.array([((positive > c) == labels).mean() for c in candidates])
    best = candidates[right == right.max()]
    return float(best[np.abs(best - 0.5).argmin()])


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int) -> float:
    """Mean gap between confidence and accuracy over equal-width bins of confidence, in [0, 1] (Naeini et al., 2015)."""
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == labels
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.abs(np.bincount(index, right - confidence, minlength=bins))
    return float(gaps.sum() / len(labels))
