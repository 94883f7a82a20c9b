"""Figures of one model on one split, each with its n and its interval."""

from __future__ import annotations

from typing import Any

import numpy as np

from warmstart.evaluation.calibration import expected_calibration_error, reliability
from warmstart.evaluation.intervals import Interval, bootstrap, bootstrap_mean, wilson
from warmstart.evaluation.predictions import Classification, losses


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
        "accuracy": plain(wilson(int(right.sum()), n, confidence)),
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
    accuracy = plain(wilson(int((test_labels == label).sum()), n, confidence))
    return {"classes": [classes[label]], "n": n, "accuracy": accuracy}


def auroc(scores: np.ndarray, labels: np.ndarray, groups: np.ndarray | None = None) -> float:
    """The chance that a positive scores above a negative (of the same group), ties counting half (Mann & Whitney, 1947); NaN without both."""
    if groups is not None:
        members = [groups == group for group in np.unique(groups)]
        pairs = [float(labels[own].sum() * (1 - labels[own]).sum()) for own in members]
        each = [pair * auroc(scores[own], labels[own]) for own, pair in zip(members, pairs, strict=True) if pair]
        return sum(each) / sum(pairs) if each else float("nan")
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float((ranks[inverse][labels == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def plain(interval: Interval) -> dict[str, float]:
    """An interval as metrics.json has it; n is said once for all."""
    return {"value": interval.value, "low": interval.low, "high": interval.high}
