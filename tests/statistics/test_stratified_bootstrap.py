"""Resamples keep the size of each stratum, and their statistics have the spread of theory."""

from __future__ import annotations

import numpy as np
import pytest

from warmstart.statistics import stratified_bootstrap as module
from warmstart.statistics.stratified_bootstrap import percentile_interval, resample_weights, stratified_bootstrap

STRATA = np.repeat([2, 0, 7], [5, 50, 20])


def test_a_resample_has_each_stratum_as_often_as_there_is() -> None:
    weights = np.concatenate(list(resample_weights(STRATA, resamples=4000)))
    assert weights.shape == (4000, 75) and (weights == weights.round()).all()
    for stratum, size in ((2, 5), (0, 50), (7, 20)):
        own = weights[:, stratum == STRATA]
        assert (own.sum(axis=1) == size).all()
        # Each count is binomial: mean 1, variance 1 - 1/size.
        assert own.mean(axis=0) == pytest.approx(1, abs=0.08)
        assert own.var() == pytest.approx(1 - 1 / size, rel=0.05)


def test_all_statistics_see_the_same_resamples_which_follow_the_seed() -> None:
    values = np.random.default_rng(1).normal(size=75)

    def mean(weights: np.ndarray) -> np.ndarray:
        return np.asarray(weights @ values / 75)

    statistics = {"one": mean, "twice": lambda weights: 2 * mean(weights)}
    drawn = stratified_bootstrap(statistics, STRATA, resamples=500)
    assert (drawn["twice"] == 2 * drawn["one"]).all() and drawn["one"].shape == (500,)
    assert (stratified_bootstrap(statistics, STRATA, resamples=500)["one"] == drawn["one"]).all()
    assert (stratified_bootstrap(statistics, STRATA, resamples=500, seed=1)["one"] != drawn["one"]).any()
    # What varies is what varies within the strata.
    within = sum(values[stratum == STRATA].var() * (stratum == STRATA).sum() for stratum in (2, 0, 7)) / 75
    assert drawn["one"].std() == pytest.approx(np.sqrt(within / 75), rel=0.1)


def test_blocks_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_ELEMENTS", 75 * 30)
    assert [len(block) for block in resample_weights(STRATA, resamples=100)] == [30, 30, 30, 10]


def test_the_interval_leaves_out_what_is_undefined() -> None:
    values = np.arange(101.0)
    assert percentile_interval(values, 0.9) == pytest.approx((5, 95))
    assert percentile_interval(np.append(values, np.full(50, np.nan)), 0.9) == pytest.approx((5, 95))
    assert percentile_interval(np.append(values, np.full(102, np.nan)), 0.9) is None
