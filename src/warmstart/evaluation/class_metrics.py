"""Precision, recall and F1 of each class, with intervals."""

from __future__ import annotations

import numpy as np

from warmstart.records.intervals import MetricInterval
from warmstart.records.metrics import ClassMetrics
from warmstart.statistics.proportions import wilson_interval
from warmstart.statistics.stratified_bootstrap import percentile_interval


def class_metrics(confusion: np.ndarray, resampled_f1: np.ndarray, confidence: float) -> list[ClassMetrics]:
    """In the order of the classes. confusion: int64 (classes, classes), true by predicted. resampled_f1: float64 (R,
    classes), on resamples.
    """

    def share(part: int, n: int) -> MetricInterval | None:
        if not n:
            return None
        found = wilson_interval(part, n, confidence)
        return MetricInterval(found.value, found.low, found.high)

    metrics = []
    for label, drawn in enumerate(resampled_f1.T):
        n, predicted = int(confusion[label].sum()), int(confusion[:, label].sum())
        right = int(confusion[label, label])
        interval = percentile_interval(drawn, confidence) if n else None
        f1 = MetricInterval(2 * right / (n + predicted), *interval) if interval else None
        metrics.append(ClassMetrics(n, predicted, share(right, predicted), share(right, n), f1))
    return metrics
