"""Metrics agree with independent implementations, and calibration does what it says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import multiclass_calibration_error

from warmstart.config.schema import Evaluate
from warmstart.evaluation.calibration import find_temperature, reliability_bins, softmax
from warmstart.evaluation.class_predictions import cross_entropies
from warmstart.evaluation.metric_registry import METRICS
from warmstart.evaluation.metrics import majority_class, split_metrics
from warmstart.evaluation.predictions import classify

RNG = np.random.default_rng(0)


def answers(n: int, classes: int, sharpness: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and labels drawn from the very probabilities that the logits state."""
    logits = RNG.normal(0, 1.5, (n, classes))
    probabilities = softmax(logits)
    labels = np.array([RNG.choice(classes, p=p) for p in probabilities])
    return logits * sharpness, labels


def test_bins_hold_the_calibration_error_of_torchmetrics() -> None:
    logits, labels = answers(500, 4)
    p = softmax(logits)
    theirs = multiclass_calibration_error(torch.tensor(p), torch.tensor(labels), num_classes=4, n_bins=10)
    predictions = classify(p)
    right = predictions.predicted == labels
    bins = reliability_bins(predictions.confidence, right, 10)
    assert sum(each.n for each in bins) == 500 and sum(each.n * each.accuracy for each in bins) == pytest.approx(
        right.sum()
    )
    gaps = sum(each.n * abs(each.accuracy - each.confidence) for each in bins) / 500
    assert gaps == pytest.approx(float(theirs), abs=1e-6)


@pytest.mark.parametrize("sharpness", [0.5, 3.0])
def test_temperature_undoes_over_and_underconfidence(sharpness: float) -> None:
    logits, labels = answers(4000, 3, sharpness)
    assert find_temperature(logits, labels) == pytest.approx(sharpness, rel=0.1)


def test_a_few_right_answers_do_not_make_a_network_sure_of_everything() -> None:
    """By the likelihood alone, validation images that are all answered rightly ask for a temperature of 0."""
    rng = np.random.default_rng(4)
    logits = rng.normal(0, 3, (4000, 1))
    labels = (rng.random(4000) < softmax(logits)[:, 1]).astype(int)
    right = np.flatnonzero((logits[:, 0] > 0) == labels)[:20]
    temperature = find_temperature(logits[right], labels[right])
    before, after = (cross_entropies(softmax(logits / t), labels).mean() for t in (1.0, temperature))
    assert 0.3 < temperature < 1 and after < 1.3 * before


def test_one_logit_is_two_classes() -> None:
    logits = RNG.normal(size=(10, 1))
    assert np.allclose(softmax(logits)[:, 1], 1 / (1 + np.exp(-logits[:, 0])))


def test_every_figure_has_its_interval() -> None:
    logits, labels = answers(300, 3)
    p = softmax(logits)
    metrics = split_metrics(classify(p), labels, ["a", "b", "c"], Evaluate(bootstrap=200))
    assert metrics.n == 300
    assert metrics.accuracy.value == pytest.approx((p.argmax(1) == labels).mean())
    for key in METRICS:
        metric = metrics.interval(key)
        assert metric and 0 <= metric.low <= metric.value <= metric.high and metric.low < metric.high
    assert np.array(metrics.confusion).sum(1).tolist() == np.bincount(labels, minlength=3).tolist()


def test_the_majority_class_is_the_training_sets() -> None:
    result = majority_class(np.array([0, 1, 1]), np.array([0, 0, 0, 1]), ["a", "b"], 0.95)
    assert (result.classes, result.accuracy.value, result.n) == (["b"], 0.25, 4)
