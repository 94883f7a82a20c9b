"""The metrics of one model on one split, each with its interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from warmstart.config.schema import Evaluate
from warmstart.evaluation.calibration import reliability_bins
from warmstart.evaluation.class_metrics import class_metrics
from warmstart.evaluation.class_predictions import Predictions
from warmstart.evaluation.metric_registry import METRICS, Metric
from warmstart.evaluation.outcomes import Outcomes, WeightedOutcomes
from warmstart.records.evaluation import MajorityClass, SplitMetrics
from warmstart.records.intervals import MetricInterval
from warmstart.records.metrics import Measured, UndefinedMetric
from warmstart.statistics.intervals import Interval
from warmstart.statistics.proportions import wilson_interval
from warmstart.statistics.stratified_bootstrap import Statistic, percentile_interval, stratified_bootstrap

CLASS_F1 = "F1 of each class"


def split_metrics(
    predictions: Predictions,
    labels: np.ndarray,
    classes: Sequence[str],
    options: Evaluate,
    folds: np.ndarray | None = None,
) -> SplitMetrics:
    """Every metric of the registry of N images, with the metrics of each class, the confusion matrix and the bins of
    confidence.

    labels: int64 (N,). classes: names. folds: int64 (N,), which network predicted each image, where there are several.
    AUROC and average precision then compare images of the same fold only, since scores of different networks are on
    different scales (Forman & Scholz, "Apples-to-apples in cross-validation studies", 2010).

    Bootstrap intervals redraw the images of each class, all metrics on the same ``options.bootstrap`` resamples.
    """
    n, together = len(labels), np.zeros(len(labels), dtype=np.int64)
    outcomes = Outcomes(predictions, labels, together if folds is None else folds, options.calibration_bins)
    missing = missing_classes(labels, classes)
    whole = WeightedOutcomes(outcomes, np.ones((1, n)))
    defined = defined_metrics(labels, classes)
    drawn = resample(outcomes, defined, options)
    confusion = np.zeros((len(classes), len(classes)), dtype=int)
    np.add.at(confusion, (labels, predictions.predicted), 1)
    return SplitMetrics(
        n=n,
        metrics={
            key: _measured(metric, float(metric.function(whole)[0]), drawn.get(key), n, options.confidence)
            if key in defined
            else UndefinedMetric(f"there is no image of {missing[0]}")
            for key, metric in METRICS.items()
        },
        per_class=class_metrics(confusion, drawn[CLASS_F1], options.confidence),
        reliability=reliability_bins(predictions.confidence, outcomes.correct, options.calibration_bins),
        confusion=confusion.tolist(),
    )


def missing_classes(labels: np.ndarray, classes: Sequence[str]) -> list[str]:
    """The names of the classes of which there is no image. labels: int64 (N,)."""
    return [name for label, name in enumerate(classes) if not (labels == label).any()]


def defined_metrics(labels: np.ndarray, classes: Sequence[str]) -> dict[str, Metric]:
    """The metrics of the registry that images with these labels, int64 (N,), can define."""
    missing = missing_classes(labels, classes)
    return {key: metric for key, metric in METRICS.items() if not (metric.needs_every_class and missing)}


def resample(outcomes: Outcomes, metrics: dict[str, Metric], options: Evaluate) -> dict[str, np.ndarray]:
    """Values on the resamples: (R,) of each metric that is bootstrapped, (R, classes) of ``CLASS_F1``."""
    current = WeightedOutcomes(outcomes, np.empty((0, 0)))

    def weighted(weights: np.ndarray) -> WeightedOutcomes:  # one for all metrics of a block, which share its sums
        nonlocal current
        if current.weights is not weights:
            current = WeightedOutcomes(outcomes, weights)
        return current

    def statistic(function: Callable[[WeightedOutcomes], np.ndarray]) -> Statistic:
        return lambda weights: function(weighted(weights))

    functions = {key: metric.function for key, metric in metrics.items() if metric.interval == "bootstrap"}
    functions[CLASS_F1] = lambda images: images.class_f1
    return stratified_bootstrap(
        {key: statistic(function) for key, function in functions.items()},
        outcomes.labels,
        resamples=options.bootstrap,
    )


def _measured(metric: Metric, value: float, drawn: np.ndarray | None, n: int, confidence: float) -> Measured:
    if np.isnan(value):
        return UndefinedMetric("no fold has images of both a class and another")
    if drawn is None:
        return metric_interval(wilson_interval(round(value * n), n, confidence))
    interval = percentile_interval(drawn, confidence)
    if interval is None:
        return UndefinedMetric("most resamples do not define it")
    return MetricInterval(value, *interval)


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
