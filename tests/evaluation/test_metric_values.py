"""The metrics of the registry have scikit-learn's values, and what the images do not define has a reason."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from sklearn import metrics as sk
from torchmetrics.functional.classification import multiclass_calibration_error

from record_builders import evaluation_metrics
from warmstart.config.schema import Evaluate
from warmstart.evaluation.calibration import softmax
from warmstart.evaluation.class_predictions import Predictions
from warmstart.evaluation.metric_registry import METRICS
from warmstart.evaluation.metrics import split_metrics
from warmstart.evaluation.outcomes import Outcomes, WeightedOutcomes
from warmstart.evaluation.predictions import classify
from warmstart.records.evaluation import EvaluationMetrics, SplitMetrics
from warmstart.records.metrics import UndefinedMetric

NAMES = ["ant", "bee", "cow", "dog"]


def images(n: int, classes: int, threshold: float | None = None) -> tuple[Predictions, np.ndarray]:
    """Of a network that is often right, with ties among its probabilities; classes are not equally common."""
    rng = np.random.default_rng(n)
    labels = rng.choice(classes, n, p=(weights := np.arange(1, classes + 1)) / weights.sum())
    probabilities = softmax(rng.normal(size=(n, classes)).round(1) + 1.5 * np.eye(classes)[labels])
    return classify(probabilities, threshold), labels


def theirs(found: Predictions, labels: np.ndarray) -> dict[str, float]:
    p, predicted, classes = found.probabilities, found.predicted, found.probabilities.shape[1]
    every = list(range(classes))
    scores = p[:, 1] if classes == 2 else p
    calibration = multiclass_calibration_error(torch.tensor(p), torch.tensor(labels), num_classes=classes, n_bins=10)
    return {
        "accuracy": sk.accuracy_score(labels, predicted),
        "balanced_accuracy": sk.balanced_accuracy_score(labels, predicted),
        "auroc": sk.roc_auc_score(labels, scores, multi_class="ovr"),
        "average_precision": sk.average_precision_score(labels, scores),
        "f1": sk.f1_score(labels, predicted, average="macro"),
        "loss": sk.log_loss(labels, p, labels=every),
        "brier": sk.brier_score_loss(labels, scores, labels=every),
        "ece": float(calibration),
    }


@pytest.mark.parametrize("classes", [2, 4])
def test_every_metric_is_that_of_a_known_library(classes: int) -> None:
    found, labels = images(200, classes)
    measured = split_metrics(found, labels, NAMES[:classes], Evaluate(bootstrap=20))
    expected = theirs(found, labels)
    assert set(expected) == set(METRICS)  # a new metric is compared too
    for key, value in expected.items():
        interval = measured.interval(key)
        assert interval and interval.value == pytest.approx(value, rel=1e-4 if key == "ece" else 1e-12), key


@pytest.mark.parametrize("classes", [2, 4])
def test_on_resamples_too(classes: int) -> None:
    found, labels = images(60, classes)
    outcomes = Outcomes(found, labels, np.zeros(60, int), 10)
    weights = np.random.default_rng(0).integers(0, 4, (5, 60)).astype(float)
    values = {key: metric.function(WeightedOutcomes(outcomes, weights)) for key, metric in METRICS.items()}
    for row, counts in enumerate(weights.astype(int)):
        drawn = np.repeat(np.arange(60), counts)
        resample = Predictions(found.probabilities[drawn], found.predicted[drawn])
        for key, value in theirs(resample, labels[drawn]).items():
            assert values[key][row] == pytest.approx(value, rel=1e-4 if key == "ece" else 1e-10), key


def test_a_threshold_counts_where_classes_are_predicted_only() -> None:
    plain, moved = (split_metrics(*images(200, 2, t), NAMES[:2], Evaluate(bootstrap=20)) for t in (None, 0.9))
    for key in ("accuracy", "balanced_accuracy", "f1", "ece"):
        assert plain.metrics[key] != moved.metrics[key]
    for key in ("auroc", "average_precision", "loss", "brier"):
        assert plain.metrics[key] == moved.metrics[key]


def test_each_class_has_its_precision_recall_and_f1() -> None:
    found, labels = images(200, 4)
    measured = split_metrics(found, labels, NAMES, Evaluate(bootstrap=50))
    scores = sk.precision_recall_fscore_support(labels, found.predicted)
    for own, precision, recall, f1, n in zip(measured.per_class, *scores, strict=True):
        assert own.precision and own.recall and own.f1
        assert (own.precision.value, own.recall.value, own.f1.value, own.n) == pytest.approx((precision, recall, f1, n))
        for one in (own.precision, own.recall, own.f1):
            assert one.low < one.value < one.high


@pytest.mark.parametrize("classes", [2, 3])
def test_what_a_missing_class_leaves_undefined_has_a_reason(classes: int) -> None:
    found, labels = images(40, classes)
    kept = labels != 1
    found, labels = Predictions(found.probabilities[kept], found.predicted[kept]), labels[kept]
    measured = split_metrics(found, labels, NAMES[:classes], Evaluate(bootstrap=20))
    for key, metric in METRICS.items():
        one = measured.metrics[key]
        assert (one.value is None) is metric.needs_every_class, key
        assert not isinstance(one, UndefinedMetric) or "bee" in one.reason
    assert (measured.per_class[1].recall, measured.per_class[1].f1) == (None, None)
    assert as_written(measured) == measured


def test_folds_that_hold_one_class_each_rank_nothing() -> None:
    found, labels = images(40, 2)
    measured = split_metrics(found, labels, NAMES[:2], Evaluate(bootstrap=20), labels)
    assert isinstance(measured.metrics["auroc"], UndefinedMetric) and measured.interval("accuracy")
    assert as_written(measured) == measured


def as_written(measured: SplitMetrics) -> SplitMetrics:
    record = evaluation_metrics(test=measured)
    content = json.loads(json.dumps({"format": record.FORMAT, **record.to_dict()}, allow_nan=False))
    return EvaluationMetrics.parse(content, "metrics.json").test
