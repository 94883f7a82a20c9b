from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, spearmanr
from sklearn.metrics import roc_auc_score

from warmstart.statistics.ranks import (
    auroc,
    delong_interval,
    mean_spearman_with_others,
    one_vs_rest_aurocs,
    spearman,
)

RNG = np.random.default_rng(0)


def test_auroc_is_scikit_learns() -> None:
    labels = RNG.integers(0, 2, 500)
    scores = (RNG.normal(size=500) + labels).round(1)  # ties
    assert auroc(scores, labels) == pytest.approx(roc_auc_score(labels, scores), rel=1e-12)
    assert np.isnan(auroc(scores, np.ones(500, dtype=int)))


def test_auroc_compares_within_groups_only() -> None:
    scores, labels, groups = np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    assert auroc(scores, labels) == 0.75 and auroc(scores, labels, groups) == 1.0
    assert auroc(scores, labels, np.array([0, 0, 0, 1])) == 0.5  # the group without both classes says nothing
    assert np.isnan(auroc(scores, labels, np.arange(4)))


def test_the_p_of_one_class_against_the_rest_is_scipys() -> None:
    labels = RNG.integers(0, 3, 300)
    values = (RNG.normal(size=300) + 0.2 * labels).round(1)
    for found in one_vs_rest_aurocs(values, labels, 4, min_count=8):
        own = labels == found.label
        theirs = mannwhitneyu(values[own], values[~own], use_continuity=False, method="asymptotic")
        assert found.auroc == pytest.approx(theirs.statistic / own.sum() / (~own).sum()) == auroc(values, own)
        assert found.p == pytest.approx(theirs.pvalue)
    assert [found.label for found in one_vs_rest_aurocs(values, labels, 4, min_count=8)] == [0, 1, 2]


def test_auroc_and_its_interval_agree_with_the_definition() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 2
    values = np.round(rng.normal(size=200) + labels)  # many of them equal

    def auroc(values: np.ndarray, labels: np.ndarray) -> float:
        ones, others = values[labels == 1][:, None], values[labels == 0][None]
        return float(((ones > others) + 0.5 * (ones == others)).mean())

    (found_,) = one_vs_rest_aurocs(values, labels, 2, min_count=8)
    assert found_.auroc == pytest.approx(auroc(values, labels)) and found_.p < 1e-6
    low, high = delong_interval(values, labels == 1)
    assert (low + high) / 2 == pytest.approx(found_.auroc)
    drawn = [auroc(values[rows], labels[rows]) for rows in (rng.integers(0, 200, 200) for _ in range(400))]
    assert high - low == pytest.approx(4 * 0.98 * np.std(drawn), rel=0.15)


def test_noise_is_called_chance_about_as_often_as_it_should() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 100)
    ps = [one_vs_rest_aurocs(np.round(rng.normal(size=100), 1), labels, 2, min_count=8)[0].p for _ in range(400)]
    assert 0.02 < np.mean(np.array(ps) < 0.05) < 0.09


def test_spearman_is_scipys() -> None:
    a, b = RNG.integers(0, 4, (2, 6, 4, 5)).astype(np.float32)  # many ties
    expected = [spearmanr(x.ravel(), y.ravel()).statistic for x, y in zip(a, b, strict=True)]
    assert spearman(a, b) == pytest.approx(expected)
    assert np.isnan(spearman(np.zeros((1, 3, 3)), np.eye(3)[None])).all()


def test_likeness_to_the_other_images() -> None:
    same = RNG.normal(size=(1, 4, 4))
    maps = np.concatenate([same, same, -same, np.zeros((1, 4, 4))])
    assert mean_spearman_with_others(maps)[:3] == pytest.approx([0, 0, -1]) and np.isnan(
        mean_spearman_with_others(maps)[3]
    )
