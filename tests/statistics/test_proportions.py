from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from warmstart.statistics.intervals import normal_quantile
from warmstart.statistics.proportions import proportion_test, wilson_interval


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (0, 50), (3, 50), (25, 50), (50, 50), (487, 500), (999, 1000)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_ends_of_wilsons_interval_are_where_the_score_test_turns(k: int, n: int, confidence: float) -> None:
    ours = wilson_interval(k, n, confidence)
    assert (ours.value, ours.n) == (k / n, n) and 0 <= ours.low <= ours.value <= ours.high <= 1
    for end, p in ((0, ours.low), (n, ours.high)):
        score = abs(k / n - p) / np.sqrt(p * (1 - p) / n) if 0 < p < 1 else normal_quantile(confidence)
        assert score == pytest.approx(normal_quantile(confidence)) and (p in (0, 1)) == (k == end)


@pytest.mark.parametrize(("k", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_what_is_no_proportion(k: int, n: int) -> None:
    with pytest.raises(ValueError):
        wilson_interval(k, n)


def test_the_normal_quantile_is_scipys() -> None:
    for confidence in (0.5, 0.9, 0.95, 0.999):
        assert normal_quantile(confidence) == pytest.approx(norm.ppf((1 + confidence) / 2), rel=1e-12)


def test_a_proportion_is_tested_against_what_is_expected() -> None:
    assert proportion_test(0.5, 0.5, 100) == 0.5
    assert proportion_test(0.6, 0.5, 100) == pytest.approx(norm.sf(2.0))
    assert proportion_test(1.0, 1.0, 100) == 1.0
    p = [proportion_test(np.random.default_rng(i).binomial(400, 0.7) / 400, 0.7, 400) for i in range(500)]
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.09
