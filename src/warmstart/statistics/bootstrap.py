"""Percentile bootstrap intervals of a mean and of any statistic.

Sources: B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979) 1-26; the
percentile interval: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from warmstart.statistics.intervals import CONFIDENCE, Interval


def bootstrap_mean(
    values: ArrayLike, *, seed: int = 0, resamples: int = 2000, confidence: float = CONFIDENCE
) -> Interval:
    """The interval of the mean of ``values`` (N,). The same seed and values give the same interval.

    Raises ValueError when there are no values.
    """
    data = np.asarray(values, dtype=np.float64).reshape(-1)
    return bootstrap(
        lambda rows: float(data[rows].mean()), len(data), seed=seed, resamples=resamples, confidence=confidence
    )


def bootstrap(
    statistic: Callable[[np.ndarray], float],
    n: int,
    *,
    seed: int = 0,
    resamples: int = 1000,
    confidence: float = CONFIDENCE,
) -> Interval:
    """The interval of any statistic of ``n`` observations.

    statistic: takes row indices (n,), drawn with replacement, and returns its value on those rows; NaN where it is not
    defined (an AUROC without positives): such resamples are left out. Observations are drawn whole, so a statistic of
    several arrays stays paired.
    Raises ValueError when n is 0 or the statistic is undefined on more than half of the resamples.
    """
    if n < 1:
        raise ValueError("a statistic of no observations")
    rng = np.random.default_rng(seed)
    drawn = np.array([statistic(rng.integers(0, n, n)) for _ in range(resamples)], dtype=np.float64)
    drawn = drawn[~np.isnan(drawn)]
    if 2 * len(drawn) < resamples:
        raise ValueError("the statistic is undefined on more than half of the resamples")
    tail = 50 * (1 - confidence)
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return Interval(float(statistic(np.arange(n))), float(low), float(high), n)
