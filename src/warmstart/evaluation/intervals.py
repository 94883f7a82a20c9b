"""How sure a figure is: intervals for proportions, for means and for any statistic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

CONFIDENCE = 0.95
# Indices drawn at once: bounds the memory of a bootstrap whatever the number of images.
CHUNK = 4_000_000


@dataclass(frozen=True)
class Interval:
    """A figure with its interval, low <= high, and the number of observations behind it."""

    value: float
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data: value, low, high, n."""
        return asdict(self)


def wilson(successes: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """The score interval of a proportion, within [0, 1]; unlike value ± 1.96 s.e. it is sound near 0 and 1.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927)
    209-212.
    Raises ValueError unless 0 <= successes <= n and n >= 1.
    """
    if not (n >= 1 and 0 <= successes <= n):
        raise ValueError(f"{successes} successes of {n}")
    z = normal_quantile(confidence)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # At the ends the formula is exact in theory and off by a rounding error in practice.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Interval(p, low, high, n)


def bootstrap_mean(
    values: ArrayLike, *, seed: int = 0, resamples: int = 2000, confidence: float = CONFIDENCE
) -> Interval:
    """The percentile bootstrap interval of the mean of ``values`` (N,).

    Source: B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979) 1-26; the
    percentile interval: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
    The same seed and values give the same interval. Raises ValueError when there are no values.
    """
    data = np.asarray(values, dtype=np.float64).reshape(-1)
    if not len(data):
        raise ValueError("the mean of no values")
    rng = np.random.default_rng(seed)
    rows = max(1, CHUNK // len(data))
    means = [
        data[rng.integers(0, len(data), (min(rows, resamples - start), len(data)))].mean(axis=1)
        for start in range(0, resamples, rows)
    ]
    return _percentile(float(data.mean()), np.concatenate(means), len(data), confidence)


def bootstrap(
    statistic: Callable[[np.ndarray], float],
    n: int,
    *,
    seed: int = 0,
    resamples: int = 1000,
    confidence: float = CONFIDENCE,
) -> Interval:
    """The percentile bootstrap interval of any statistic of ``n`` observations.

    statistic: takes row indices (n,), drawn with replacement, and returns the figure on those rows; NaN for a resample
    on which it does not exist (an AUROC without positives), which is then left out. Observations are redrawn whole, so
    a statistic of several arrays stays paired. Sources as for ``bootstrap_mean``.
    Raises ValueError when n is 0 or when the statistic does not exist on more than half of the resamples.
    """
    if n < 1:
        raise ValueError("a statistic of no observations")
    rng = np.random.default_rng(seed)
    drawn = np.array([statistic(rng.integers(0, n, n)) for _ in range(resamples)], dtype=np.float64)
    drawn = drawn[~np.isnan(drawn)]
    if 2 * len(drawn) < resamples:
        raise ValueError("the statistic does not exist on more than half of the resamples")
    return _percentile(float(statistic(np.arange(n))), drawn, n, confidence)


def normal_quantile(confidence: float) -> float:
    """How many standard deviations to either side hold ``confidence`` of a normal distribution: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _percentile(value: float, drawn: np.ndarray, n: int, confidence: float) -> Interval:
    tail = 50 * (1 - confidence)
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return Interval(value, float(low), float(high), n)
