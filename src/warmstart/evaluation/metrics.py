"""Figures of one model on one split, each with its n and its interval."""

from __future__ import annotations

from typing import Any

import numpy as np

from warmstart.evaluation.calibration import expected_calibration_error, reliability
from warmstart.evaluation.predictions import Classification, losses
from warmstart.statistics.bootstrap import bootstrap, bootstrap_mean
from warmstart.statistics.intervals import Interval
from warmstart.statistics.proportions import wilson_interval
from warmstart.statistics.ranks import auroc


def split_metrics(
    said: Classification,
    labels: np.ndarray,
    *,
    resamples: int,
    confidence: float,
    bins: int,
    groups: np.ndarray | None = None,
) -> dict[str, Any]:
    """Accuracy (Wilson), loss, AUROC of two classes and calibration error (bootstrap), the confusion matrix, rows true, and the
    bins of confidence (``calibration.reliability``).

    said: of N images; labels: int64 (N,). groups: int64 (N,), where several networks answered; the AUROC then compares images
    within a group only, as scores of different networks are on scales of their own (Forman & Scholz, "Apples-to-apples in
    cross-validation studies", 2010).
    """
    probabilities, right, sure = said.probabilities, said.predicted == labels, said.confidence
    n, classes = probabilities.shape
    confusion = np.zeros((classes, classes), dtype=int)
    np.add.at(confusion, (labels, said.predicted), 1)
    options = {"resamples": resamples, "confidence": confidence}
    positive = probabilities[:, 1]
    return {
        "n": n,
        "accuracy": plain(wilson_interval(int(right.sum()), n, confidence)),
        "loss": plain(bootstrap_mean(losses(probabilities, labels), **options)),  # type: ignore[arg-type]
        "auroc": plain(_auroc_interval(positive, labels, groups, options)) if classes == 2 else None,
        "ece": plain(bootstrap(lambda rows: expected_calibration_error(sure[rows], right[rows], bins), n, **options)),  # type: ignore[arg-type]
        "reliability": reliability(sure, right, bins),
        "confusion": confusion.tolist(),
    }


def _auroc_interval(
    positive: np.ndarray, labels: np.ndarray, groups: np.ndarray | None, options: dict[str, Any]
) -> Interval:
    return bootstrap(
        lambda rows: auroc(positive[rows], labels[rows], None if groups is None else groups[rows]),
        len(labels),
        **options,
    )


def majority_class(
    train_labels: np.ndarray, test_labels: np.ndarray, classes: list[str], confidence: float
) -> dict[str, Any]:
    """What always saying the training set's most frequent class would score."""
    label = int(np.bincount(train_labels, minlength=len(classes)).argmax())
    n = len(test_labels)
    accuracy = plain(wilson_interval(int((test_labels == label).sum()), n, confidence))
    return {"classes": [classes[label]], "n": n, "accuracy": accuracy}


def plain(interval: Interval) -> dict[str, float]:
    """An interval as metrics.json has it; n is said once for all."""
    return {"value": interval.value, "low": interval.low, "high": interval.high}
