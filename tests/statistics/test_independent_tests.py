from __future__ import annotations

import numpy as np
import pytest

from warmstart.statistics.independent_tests import fisher_test, independent_difference
from warmstart.statistics.sample_size import detectable_shortfall


@pytest.mark.parametrize(
    ("counts", "interval"),
    [  # Newcombe 1998, table II, method 10
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ],
)
def test_the_interval_is_newcombes(counts: tuple[int, int, int, int], interval: tuple[float, float]) -> None:
    found = independent_difference(*counts)
    assert (found.low, found.high) == pytest.approx(interval, abs=1e-4)
    assert found.n == counts[1] + counts[3]


def test_the_lady_tasting_tea() -> None:
    assert fisher_test(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert fisher_test(4, 4, 0, 4) == pytest.approx(2 / 70)
    assert fisher_test(0, 4, 0, 4) == 1.0


@pytest.mark.parametrize(
    ("share", "n", "others", "level"),
    [(0.9, 250, 250, 0.05), (0.9, 250, 750, 0.005), (0.991, 250, 750, 0.0025), (1.0, 250, 750, 0.0025)],
)
def test_a_shortfall_is_found_as_often_as_promised(share: float, n: int, others: int, level: float) -> None:
    below = detectable_shortfall(share, n, others, level)
    assert below is not None and below > 0.01
    rng = np.random.default_rng(0)
    draws = zip(rng.binomial(n, share - below, 400), rng.binomial(others, share, 400), strict=True)
    found = np.mean([fisher_test(int(a), n, int(b), others) < level for a, b in draws])
    assert 0.7 < found < 0.85  # the formula is of the test without continuity correction


def test_few_images_show_no_shortfall() -> None:
    assert detectable_shortfall(0.2, 3, 9, 0.001) is None and detectable_shortfall(0.0, 100, 100, 0.05) is None
