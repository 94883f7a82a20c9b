from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import permutation_test, spearmanr

from warmstart.statistics.permutation import spearman_permutation_test


def test_a_few_items_are_tested_exactly_as_scipy_does() -> None:
    first, second = [0.3, 0.1, 0.4, 0.4, 0.9, 0.7], [1, 2, 3, 4, 5, 6]
    theirs = permutation_test(
        (first,), lambda x: spearmanr(x, second).statistic, permutation_type="pairings", n_resamples=np.inf
    )
    rho, p = spearman_permutation_test(first, second)
    assert rho == pytest.approx(theirs.statistic) and p == pytest.approx(theirs.pvalue)


def test_many_items_are_tested_by_shuffles() -> None:
    rng = np.random.default_rng(0)
    for values in (rng.random(20), np.arange(30) + 12 * rng.normal(size=30)):
        rho, p = spearman_permutation_test(values.tolist(), range(len(values)))
        theirs = spearmanr(values, range(len(values)))
        assert rho == pytest.approx(theirs.statistic) and p == pytest.approx(theirs.pvalue, abs=0.02)
    assert p == spearman_permutation_test(values.tolist(), range(30))[1] > 0
