from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import permutation_test

from warmstart.statistics.paired_means import mean_intervals, sign_flip_test


def test_the_test_is_scipys() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.random((2, 12)), rng.random((2, 12))
    second[1] += 0.3
    mine = sign_flip_test(second - first)
    for row in range(2):
        theirs = permutation_test(
            (second[row], first[row]),
            lambda one, two, axis: (one - two).mean(axis),
            permutation_type="samples",
            vectorized=True,
            n_resamples=np.inf,
        )
        assert mine[row] == pytest.approx(theirs.pvalue, abs=0.02)
    assert sign_flip_test(np.zeros((1, 5))) == [1.0]


def test_intervals_cover_the_mean_and_draw_each_stratum_by_itself() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(100):
        values = rng.normal(0.3, 1, (1, 60))
        (one,) = mean_intervals(values, np.zeros(60, dtype=np.int64), 0.9, 500)
        assert one.value == pytest.approx(values.mean())
        covered += one.low <= 0.3 <= one.high
    assert 80 <= covered <= 97
    strata = np.arange(60) % 2
    (between,) = mean_intervals(strata[None].astype(float), strata, 0.95, 200)
    assert between.low == between.high == 0.5, "all of the variance is between the strata"
