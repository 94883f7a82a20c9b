"""The confidence below which an answer is marked as unsure, chosen on validation images."""

from __future__ import annotations

import math

import numpy as np

from warmstart.evaluation import messages
from warmstart.evaluation.class_predictions import Predictions
from warmstart.records.unsure import MarkedImages, UnsureLimit, UnsureMetrics, UnsureRule
from warmstart.statistics.proportions import wilson_interval

# A limit lies so far below the least confidence that it keeps: the same image in another batch differs by rounding.
ROUNDING = 1e-6


def find_unsure_limit(predictions: Predictions, labels: np.ndarray, target: float, confidence: float) -> UnsureLimit:
    """The smallest limit on the confidence at which the validation images at or above it keep to the error rate
    ``target``: the upper end of Wilson's interval is at most ``target``, or, where no limit reaches that, the error
    rate itself, of at least 1 / ``target`` images.

    The upper end takes many images: 381 without an error for 1 % at 95 % confidence. The error rate of fewer than
    1 / ``target`` images cannot tell the target from 0, so with fewer there is no limit.

    predictions: of N images, as packaged. labels: int64 (N,). target: in (0, 1). confidence: of the interval.
    Source of the idea: selective classification, R. El-Yaniv and Y. Wiener, "On the foundations of noise-free selective
    classification", JMLR 11 (2010).
    """
    sure, wrong = predictions.confidence, predictions.predicted != labels
    order = np.argsort(-sure, kind="stable")
    errors = np.cumsum(wrong[order])
    ends = np.flatnonzero(np.diff(sure[order], append=-1.0))  # images of equal confidence are kept or marked together
    # Of the sets that may be kept, the largest first. An upper end is never below the rate.
    kept = [(int(end) + 1, int(errors[end])) for end in ends[::-1] if errors[end] <= target * (end + 1)]
    least = math.ceil(round(1 / target, 6))
    rule: UnsureRule = "upper_bound"
    n = next((n for n, bad in kept if wilson_interval(bad, n, confidence).high <= target), 0)
    if not n:
        rule, n = "observed", next((n for n, _ in kept if n >= least), 0)
    if not n:
        return UnsureLimit(target, None, none=messages.no_unsure_limit(len(labels), target, least))
    lowest, below = (float(value) for value in (sure[order[n - 1]], sure[order[n]] if n < len(order) else 0.0))
    limit = max(lowest - ROUNDING, (lowest + below) / 2)
    return UnsureLimit(target, limit, rule, marked_images(predictions, labels, limit, confidence))


def marked_images(predictions: Predictions, labels: np.ndarray, limit: float, confidence: float) -> MarkedImages:
    """How many of N images a limit marks, and the error rate of the others, each with Wilson's interval.

    labels: int64 (N,).
    """
    kept = predictions.confidence >= limit
    wrong = int((kept & (predictions.predicted != labels)).sum())
    n = int(kept.sum())
    error = wilson_interval(wrong, n, confidence) if n else None
    return MarkedImages(wilson_interval(len(labels) - n, len(labels), confidence), error)


def unsure_metrics(chosen: UnsureLimit, test: Predictions, test_labels: np.ndarray, confidence: float) -> UnsureMetrics:
    """A limit with what it marks of the test images. test_labels: int64 (N,)."""
    limit = chosen.limit
    return UnsureMetrics(chosen, None if limit is None else marked_images(test, test_labels, limit, confidence))
