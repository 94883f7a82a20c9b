"""Metrics agree with independent implementations, and calibration does what it says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import multiclass_calibration_error

from warmstart.config.schema import Evaluate
from warmstart.evaluation.calibration import (
    find_temperature,
    find_threshold,
    reliability_bins,
    softmax,
)
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


def test_the_threshold_is_right_most_often() -> None:
    positive = np.repeat([0.1, 0.2, 0.3, 0.6, 0.65, 0.9], 8)
    labels = np.repeat([0, 0, 1, 1, 1, 1], 8)
    assert 0.2 < find_threshold(positive, labels) < 0.3
    assert find_threshold(positive, (positive > 0.5).astype(int)) == 0.5
    predictions = classify(np.stack([1 - positive, positive], 1), 0.62)
    assert predictions.predicted[::8].tolist() == [0, 0, 0, 0, 1, 1] and predictions.confidence[24] == pytest.approx(
        0.4
    )


def test_a_threshold_needs_evidence() -> None:
    """A few validation images that another threshold happens to suit move nothing: five that it wins may be chance, six
    are not.
    """
    positive = np.concatenate([np.linspace(0.1, 0.4, 40), np.linspace(0.6, 0.9, 40)])
    for more, moved in ((5, False), (6, True)):
        scores, labels = (
            np.concatenate([positive, np.full(more, 0.55)]),
            np.concatenate([positive > 0.5, np.zeros(more)]).astype(int),
        )
        assert (find_threshold(scores, labels) != 0.5) is moved


def test_a_network_that_is_right_is_not_spoiled_by_its_threshold() -> None:
    """Over many small validation sets of well calibrated answers, accuracy on other images does not fall."""
    rng = np.random.default_rng(2)
    lost = []
    for _ in range(100):
        positive = 1 / (1 + np.exp(-rng.normal(0, 4, 2040)))
        labels = (rng.random(2040) < positive).astype(int)
        threshold = find_threshold(positive[:40], labels[:40])
        lost.append(((positive[40:] > 0.5) == labels[40:]).mean() - ((positive[40:] > threshold) == labels[40:]).mean())
    assert np.mean(lost) < 0.001 and np.mean(np.array(lost) > 0) < 0.05


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
