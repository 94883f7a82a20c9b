"""The packaged threshold: right most often, or best by the metric that chooses, and only where there is evidence."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from warmstart.config.selection import ACCURACY, BALANCED_ACCURACY
from warmstart.evaluation.predictions import classify
from warmstart.evaluation.threshold import _p, find_threshold
from warmstart.statistics.paired_tests import mcnemar


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


def test_of_nine_to_one_balanced_accuracy_asks_for_a_lower_threshold() -> None:
    rng = np.random.default_rng(0)
    labels = (np.arange(1000) % 10 == 0).astype(int)
    positive = 1 / (1 + np.exp(-rng.normal(2.0 * labels - 3.2, 1.0)))  # about calibrated
    by = {name: find_threshold(positive, labels, name) for name in (ACCURACY, BALANCED_ACCURACY, "auroc")}
    assert by[BALANCED_ACCURACY] < 0.25 < by[ACCURACY] == by["auroc"]

    def balanced_accuracy(threshold: float) -> float:
        return float(np.mean([((positive > threshold) == labels)[labels == c].mean() for c in (0, 1)]))

    best = max(balanced_accuracy(threshold) for threshold in np.linspace(0.01, 0.9, 90))
    assert balanced_accuracy(by[BALANCED_ACCURACY]) >= best


def test_where_one_class_alone_is_answered_differently_the_test_is_mcnemars() -> None:
    labels = np.repeat([0, 1], [9, 6])
    one, two = np.ones(15, dtype=bool), np.ones(15, dtype=bool)
    one[9:14], two[14] = False, False
    assert _p(BALANCED_ACCURACY, one, two, labels) == pytest.approx(mcnemar(5, 1))


@pytest.mark.parametrize("metric", [BALANCED_ACCURACY, "f1"])
def test_the_test_counts_every_swap_of_the_two_answers(metric: str) -> None:
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1], [7, 3])
    one, two = rng.random(10) < 0.4, rng.random(10) < 0.9

    def score(right: np.ndarray) -> float:
        hits, wrong = [(right & (labels == c)).sum() for c in (0, 1)], (~right).sum()
        parts = [2 * h / (2 * h + wrong) for h in hits] if metric == "f1" else [hits[0] / 7, hits[1] / 3]
        return float(sum(parts) / 2)

    gaps = []
    for swap in product([False, True], repeat=10):
        mine, theirs = np.where(swap, two, one), np.where(swap, one, two)
        gaps.append(abs(score(mine) - score(theirs)))
    observed = abs(score(one) - score(two))
    assert _p(metric, one, two, labels) == pytest.approx(np.mean(np.array(gaps) >= observed - 1e-12))
