"""Metrics agree with independent implementations, and calibration does what it says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import binary_auroc, multiclass_calibration_error

from warmstart.evaluation.calibration import expected_calibration_error, find_temperature, find_threshold, softmax
from warmstart.evaluation.metrics import auroc, majority_class, split_metrics
from warmstart.evaluation.predictions import decide, losses

RNG = np.random.default_rng(0)


def answers(n: int, classes: int, sharpness: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and labels drawn from the very probabilities that the logits state."""
    logits = RNG.normal(0, 1.5, (n, classes))
    probabilities = softmax(logits)
    labels = np.array([RNG.choice(classes, p=p) for p in probabilities])
    return logits * sharpness, labels


def test_auroc_and_calibration_error_agree_with_torchmetrics() -> None:
    logits, labels = answers(500, 2)
    p = softmax(logits).round(2)  # ties
    assert auroc(p[:, 1], labels) == pytest.approx(float(binary_auroc(torch.tensor(p[:, 1]), torch.tensor(labels))), abs=1e-6)
    logits, labels = answers(500, 4)
    p = softmax(logits)
    theirs = multiclass_calibration_error(torch.tensor(p), torch.tensor(labels), num_classes=4, n_bins=10)
    assert expected_calibration_error(p, labels, 10) == pytest.approx(float(theirs), abs=1e-6)


@pytest.mark.parametrize("sharpness", [0.5, 3.0])
def test_temperature_undoes_over_and_underconfidence(sharpness: float) -> None:
    logits, labels = answers(4000, 3, sharpness)
    assert find_temperature(logits, labels) == pytest.approx(sharpness, rel=0.1)


def test_one_logit_is_two_classes() -> None:
    logits = RNG.normal(size=(10, 1))
    assert np.allclose(softmax(logits)[:, 1], 1 / (1 + np.exp(-logits[:, 0])))


def test_the_threshold_is_right_most_often() -> None:
    positive = np.array([0.1, 0.2, 0.3, 0.6, 0.65, 0.9])
    labels = np.array([0, 0, 1, 1, 1, 1])
    assert 0.2 < find_threshold(positive, labels) < 0.3
    assert find_threshold(positive, (positive > 0.5).astype(int)) == pytest.approx(0.5)
    assert decide(np.stack([1 - positive, positive], 1), 0.62).tolist() == [0, 0, 0, 0, 1, 1]


def test_every_figure_has_its_interval() -> None:
    logits, labels = answers(300, 3)
    p = softmax(logits)
    metrics = split_metrics(p, labels, resamples=200, confidence=0.95, bins=10)
    assert metrics["n"] == 300
    assert metrics["accuracy"]["value"] == pytest.approx((p.argmax(1) == labels).mean())
    assert metrics["loss"]["value"] == pytest.approx(losses(p, labels).mean())
    assert metrics["auroc"] is None
    for key in ("accuracy", "loss", "ece"):
        assert metrics[key]["low"] <= metrics[key]["value"] <= metrics[key]["high"]
    assert np.array(metrics["confusion"]).sum(1).tolist() == np.bincount(labels, minlength=3).tolist()


def test_the_majority_class_is_the_training_sets() -> None:
    result = majority_class(np.array([0, 1, 1]), np.array([0, 0, 0, 1]), ["a", "b"], 0.95)
    assert (result["class"], result["accuracy"]["value"], result["n"]) == ("b", 0.25, 4)
