"""The limit below which an answer is unsure: what is above it keeps to the error rate, and no smaller limit does."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from warmstart.evaluation.class_predictions import Predictions
from warmstart.evaluation.unsure import find_unsure_limit, marked_images, unsure_metrics
from warmstart.records.evaluation import EvaluationMetrics
from warmstart.records.packaged_model import PackagedModel
from warmstart.statistics.proportions import wilson_interval


def outcomes(
    confidences: Sequence[float] | np.ndarray, right: Sequence[bool] | np.ndarray
) -> tuple[Predictions, np.ndarray]:
    """Predictions of two classes with these confidences, and the labels that make them right or wrong."""
    sure = np.asarray(confidences, dtype=float)
    predicted = np.arange(len(sure)) % 2
    probabilities = np.where(predicted[:, None] == [0, 1], sure[:, None], 1 - sure[:, None])
    return Predictions(probabilities, predicted), np.where(right, predicted, 1 - predicted)


def calibrated(n: int, seed: int) -> tuple[Predictions, np.ndarray]:
    """Right as often as the confidence says, mostly sure."""
    rng = np.random.default_rng(seed)
    sure = 1 - 0.5 * rng.beta(0.4, 2.5, n)
    return outcomes(sure, rng.random(n) < sure)


def upper_end(predictions: Predictions, labels: np.ndarray, limit: float) -> float:
    kept = predictions.confidence >= limit
    return wilson_interval(int((predictions.predicted != labels)[kept].sum()), int(kept.sum())).high


@pytest.mark.parametrize("target", [0.02, 0.05])
@pytest.mark.parametrize("seed", range(5))
def test_the_limit_is_the_smallest_that_keeps_to_the_target(seed: int, target: float) -> None:
    predictions, labels = calibrated(4000, seed)
    found = find_unsure_limit(predictions, labels, target, 0.95)
    assert found.rule == "upper_bound" and found.limit is not None and 0.5 < found.limit < 1
    assert upper_end(predictions, labels, found.limit) <= target
    smaller = [limit for limit in np.unique(predictions.confidence) if limit < found.limit]
    assert smaller and all(upper_end(predictions, labels, limit) > target for limit in smaller)


def test_what_is_kept_of_other_images_of_the_same_kind_keeps_to_the_target_too() -> None:
    rates = []
    for seed in range(20):
        found = find_unsure_limit(*calibrated(2000, seed), 0.02, 0.95)
        assert found.limit is not None
        kept = marked_images(*calibrated(20_000, 100 + seed), found.limit, 0.95).error
        assert kept
        rates.append(kept.value)
    assert np.mean(np.array(rates) <= 0.02) >= 0.9


def test_few_images_keep_to_the_target_as_observed() -> None:
    sure = np.linspace(0.99, 0.6, 200)
    right = np.ones(200, dtype=bool)
    right[[100, 160, 170]] = False  # 1 of the first 160; 2 of 161 is above 1 %
    found = find_unsure_limit(*outcomes(sure, right), 0.01, 0.95)
    assert found.rule == "observed" and found.validation and found.validation.error
    assert (found.validation.error.n, found.validation.error.value) == (160, 1 / 160)
    assert found.validation.error.high > 0.01
    assert found.validation.marked.value == pytest.approx(0.2) and found.validation.marked.n == 200


@pytest.mark.parametrize(
    ("right", "why"),
    [
        (np.ones(99, dtype=bool), "too few to tell one error from none"),
        (np.arange(400) >= 5, "the surest are wrong"),
        (np.arange(5000) % 20 > 0, "confidence says nothing"),
        (np.zeros(300, dtype=bool), "all are wrong"),
    ],
)
def test_where_no_limit_does_it_there_is_none_and_a_reason(right: np.ndarray, why: str) -> None:
    predictions, labels = outcomes(np.linspace(0.99, 0.6, len(right)), right)
    found = find_unsure_limit(predictions, labels, 0.01, 0.95)
    assert found.limit is None and found.none and found.rule is None and found.validation is None, why
    assert found.marks(0.1) is None and unsure_metrics(found, predictions, labels, 0.95).test is None


def test_images_of_equal_confidence_are_kept_or_marked_together() -> None:
    sure = np.repeat([0.99, 0.8, 0.7], 200)
    right = np.ones(600, dtype=bool)
    right[200:210] = False
    found = find_unsure_limit(*outcomes(sure, right), 0.01, 0.95)
    assert found.validation and found.validation.error and found.validation.error.n == 200
    assert found.limit == pytest.approx(0.99, abs=1e-5) and found.limit < 0.99


def test_an_image_at_the_limit_is_kept_in_another_batch_too() -> None:
    sure = np.full(500, 0.9)
    found = find_unsure_limit(*outcomes(sure, sure > 0), 0.01, 0.95)
    assert found.marks(0.9 - 1e-7) is False and found.marks(0.8) is True


def test_the_test_images_are_counted_by_the_limit_of_the_validation_images() -> None:
    found = find_unsure_limit(*calibrated(2000, 1), 0.02, 0.95)
    predictions, labels = outcomes([0.999, 0.999, 0.999, 0.51, 0.51], [True, True, False, True, False])
    counted = unsure_metrics(found, predictions, labels, 0.95).test
    assert counted and counted.error
    assert (counted.marked.value, counted.marked.n) == (0.4, 5)
    assert (counted.error.value, counted.error.n) == (pytest.approx(1 / 3), 3)
    everything = unsure_metrics(found, *outcomes([0.51], [True]), 0.95).test
    assert everything and everything.error is None and everything.marked.value == 1


def test_an_evaluation_packages_the_limit_and_counts_it_on_the_test_images(packaged: Path) -> None:
    unsure = EvaluationMetrics.read(packaged.parent / "metrics.json").unsure
    assert unsure and unsure.chosen == PackagedModel.read(packaged / "model.json").unsure
    assert unsure.chosen.target == 0.5 and unsure.chosen.limit is not None
    with (packaged.parent / "predictions.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for split, counted in (("val", unsure.chosen.validation), ("test", unsure.test)):
        images = [row for row in rows if row["split"] == split]
        kept = [row for row in images if float(row["p"]) >= unsure.chosen.limit]
        assert counted and counted.error and counted.marked.n == len(images) and counted.error.n == len(kept)
        assert counted.error.value == pytest.approx(np.mean([row["predicted"] != row["label"] for row in kept]))
