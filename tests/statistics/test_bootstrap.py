from __future__ import annotations

import numpy as np
import pytest

from warmstart.statistics.bootstrap import bootstrap, bootstrap_mean


def test_bootstrap_of_a_mean_has_the_width_of_theory_and_follows_the_seed() -> None:
    values = np.random.default_rng(1).normal(5, 2, 400)
    interval = bootstrap_mean(values, seed=3)
    assert interval.low < values.mean() == interval.value < interval.high
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    assert interval.n == 400
    assert interval == bootstrap_mean(values, seed=3)
    assert interval != bootstrap_mean(values, seed=4)
    narrower = bootstrap_mean(values, seed=3, confidence=0.5)
    assert interval.low < narrower.low < narrower.high < interval.high


def test_bootstrap_of_any_statistic_redraws_rows_whole() -> None:
    x = np.random.default_rng(0).normal(size=200)
    y = 2 * x  # perfectly correlated: any resample of whole rows keeps that
    interval = bootstrap(lambda rows: float(np.corrcoef(x[rows], y[rows])[0, 1]), 200, resamples=50)
    assert interval.low == pytest.approx(1) and interval.high == pytest.approx(1)
    mean = bootstrap(lambda rows: float(x[rows].mean()), 200)
    reference = bootstrap_mean(x)
    assert mean.value == pytest.approx(reference.value)
    assert mean.high - mean.low == pytest.approx(reference.high - reference.low, rel=0.15)


def test_bootstrap_leaves_out_resamples_without_the_statistic() -> None:
    sometimes = iter([0.5, float("nan"), 0.7, 0.6, 0.6])
    interval = bootstrap(lambda rows: next(sometimes), 10, resamples=4)
    assert (interval.value, interval.n) == (0.6, 10) and 0.5 <= interval.low < interval.high <= 0.7
    with pytest.raises(ValueError, match="undefined"):
        bootstrap(lambda rows: float("nan"), 10, resamples=4)


@pytest.mark.parametrize("call", [lambda: bootstrap_mean([]), lambda: bootstrap(lambda rows: 0.0, 0)])
def test_nothing_has_no_interval(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError):
        call()
