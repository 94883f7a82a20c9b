"""Figures of one model on one split, each with its n and its interval."""

from __future__ import annotations

from typing import Any

import numpy as np

from warmstart.evaluation.calibration import expected_calibration_error
from warmstart.evaluation.intervals import Interval, bootstrap, bootstrap_mean, wilson
from warmstart.evaluation.predictions import losses


def split_metrics(probabilities: np.ndarray, labels: np.ndarray, *, resamples: int, confidence: float, bins: int) -> dict[str, Any]:
    """Accuracy (Wilson), loss, AUROC of two classes and calibration error (bootstrap), and the confusion matrix, rows true.

    probabilities: (N, classes); labels: int64 (N,).
    """
    n, classes = probabilities.shape
    predicted = probabilities.argmax(1)
    confusion = np.zeros((classes, classes), dtype=int)
    np.add.at(confusion, (labels, predicted), 1)
    options = {"resamples": resamples, "confidence": confidence}
    positive = probabilities[:, 1]
    return {
        "n": n,
        "accuracy": _plain(wilson(int((predicted == labels).sum()), n, confidence)),
        "loss": _plain(bootstrap_mean(losses(probabilities, labels), **options)),  # type: ignore[arg-type]
        "auroc": _plain(bootstrap(lambda rows: auroc(positive[rows], labels[rows]), n, **options)) if classes == 2 else None,  # type: ignore[arg-type]
        "ece": _plain(
            bootstrap(lambda rows: expected_calibration_error(probabilities[rows], labels[rows], bins), n, **options)  # type: ignore[arg-type]
        ),
        "confusion": confusion.tolist(),
    }


def majority_class(train_labels: np.ndarray, test_labels: np.ndarray, classes: list[str], confidence: float) -> dict[str, Any]:
    """What always saying the training set's most frequent class would score."""
    label = int(np.bincount(train_labels, minlength=len(classes)).argmax())
    n = len(test_labels)
    accuracy = _plain(wilson(int((test_labels == label).sum()), n, confidence))
    return {"class": classes[label], "n": n, "accuracy": accuracy}


def auroc(scores: np.ndarray, labels: np.ndarray) -> float:
    """The chance that a positive scores above a negative, ties counting half (Mann & Whitney, 1947); NaN without both."""
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float((ranks[inverse][labels == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _plain(interval: Interval) -> dict[str, float]:
    return {"value": interval.value, "low": interval.low, "high": interval.high}
