"""The metrics of one model on one split, each with its interval."""

from __future__ import annotations

import numpy as np

from warmstart.config.schema import Evaluate
from warmstart.evaluation.calibration import expected_calibration_error, reliability_bins
from warmstart.evaluation.predictions import Predictions, cross_entropies
from warmstart.records.evaluation import MajorityClass, SplitMetrics
from warmstart.records.intervals import MetricInterval
from warmstart.statistics.bootstrap import bootstrap, bootstrap_mean
from warmstart.statistics.intervals import Interval
from warmstart.statistics.proportions import wilson_interval
from warmstart.statistics.ranks import auroc


def split_metrics(
    predictions: Predictions, labels: np.ndarray, options: Evaluate, folds: np.ndarray | None = None
) -> SplitMetrics:
    """Accuracy (Wilson's interval), loss, calibration error and, of two classes, AUROC (bootstrap) of N images, with
    the confusion matrix and the bins of confidence.

    labels: int64 (N,). folds: int64 (N,), which network predicted each image, where there are several. The AUROC then
    compares images of the same fold only, since scores of different networks are on different scales (Forman & Scholz,
    "Apples-to-apples in cross-validation studies", 2010).
    """
    probabilities, confidence = predictions.probabilities, predictions.confidence
    correct, losses = predictions.predicted == labels, cross_entropies(probabilities, labels)
    n, classes = probabilities.shape
    bins, resamples, level = options.calibration_bins, options.bootstrap, options.confidence
    confusion = np.zeros((classes, classes), dtype=int)
    np.add.at(confusion, (labels, predictions.predicted), 1)

    def calibration_error(rows: np.ndarray) -> float:
        return expected_calibration_error(confidence[rows], correct[rows], bins)

    def area(rows: np.ndarray) -> float:
        return auroc(probabilities[rows, 1], labels[rows], None if folds is None else folds[rows])

    return SplitMetrics(
        n=n,
        accuracy=accuracy_interval(correct, level),
        loss=metric_interval(bootstrap_mean(losses, resamples=resamples, confidence=level)),
        auroc=metric_interval(bootstrap(area, n, resamples=resamples, confidence=level)) if classes == 2 else None,
        ece=metric_interval(bootstrap(calibration_error, n, resamples=resamples, confidence=level)),
        reliability=reliability_bins(confidence, correct, bins),
        confusion=confusion.tolist(),
    )


def majority_class(
    train_labels: np.ndarray, test_labels: np.ndarray, classes: list[str], confidence: float
) -> MajorityClass:
    """The accuracy of always predicting the most frequent class of the training images. Labels: int64 (N,)."""
    label = int(np.bincount(train_labels, minlength=len(classes)).argmax())
    return MajorityClass([classes[label]], len(test_labels), accuracy_interval(test_labels == label, confidence))


def accuracy_interval(correct: np.ndarray, confidence: float) -> MetricInterval:
    """The share of right answers, with Wilson's interval. correct: bool (N,)."""
    return metric_interval(wilson_interval(int(correct.sum()), len(correct), confidence))


def metric_interval(interval: Interval) -> MetricInterval:
    """An interval as metrics.json has it: n stands there once for all metrics of a split."""
    return MetricInterval(interval.value, interval.low, interval.high)
