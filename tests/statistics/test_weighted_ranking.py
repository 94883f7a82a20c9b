"""AUROC and average precision of weighted observations are those of the observations repeated."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from warmstart.statistics.ranks import auroc
from warmstart.statistics.weighted_ranking import Ranking

RNG = np.random.default_rng(0)
N = 80


def observations(digits: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores with ties where there are few digits, and labels."""
    labels = RNG.permutation(np.arange(N) % 4 == 0)
    return (RNG.normal(size=N) + labels).round(digits), labels


@pytest.mark.parametrize("digits", [0, 1, 8])
def test_each_row_of_weights_is_a_resample(digits: int) -> None:
    scores, labels = observations(digits)
    weights = RNG.integers(0, 4, (20, N)).astype(float)
    aurocs, precisions = Ranking(scores, labels, np.zeros(N, int)).measure(weights)
    for row, area, precision in zip(weights.astype(int), aurocs, precisions, strict=True):
        drawn = np.repeat(np.arange(N), row)
        assert area == pytest.approx(roc_auc_score(labels[drawn], scores[drawn]), rel=1e-12)
        assert precision == pytest.approx(average_precision_score(labels[drawn], scores[drawn]), rel=1e-12)


def test_groups_are_ranked_on_their_own() -> None:
    scores, labels = observations(1)
    groups = np.arange(N) // 4 % 3
    shifted = scores + 10 * groups
    areas, precisions = Ranking(shifted, labels, groups).measure(np.ones((1, N)))
    assert areas[0] == pytest.approx(auroc(scores, labels.astype(int), groups), rel=1e-12)
    each = [average_precision_score(labels[groups == g], scores[groups == g]) for g in range(3)]
    assert precisions[0] == pytest.approx(np.average(each, weights=[labels[groups == g].sum() for g in range(3)]))


def test_what_has_no_pair_is_undefined() -> None:
    scores, labels = observations(1)
    none, _ = Ranking(scores, np.ones(N, bool), np.zeros(N, int)).measure(np.ones((2, N)))
    apart, _ = Ranking(scores, labels, labels.astype(int)).measure(np.ones((2, N)))
    assert np.isnan(none).all() and np.isnan(apart).all()
