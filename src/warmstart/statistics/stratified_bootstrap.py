"""Bootstrap of several statistics on the same resamples, with the observations of each stratum drawn among themselves.

A resample is a row of weights: how often it holds each observation. A statistic that is computed from weights is
computed for many resamples at once.

Source: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapters 8.3 (strata) and 13 (the
percentile interval).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

BLOCK_ELEMENTS = 2**18  # resamples × observations at once: 2 MiB of weights stay in the processor's cache

Statistic = Callable[[np.ndarray], np.ndarray]


def stratified_bootstrap(
    statistics: Mapping[str, Statistic], strata: np.ndarray, *, resamples: int, seed: int = 0
) -> dict[str, np.ndarray]:
    """The values of each statistic on all resamples, float64 (resamples, …), NaN where it is undefined.

    statistics: each takes weights, float64 (R, N), whole numbers, and returns its values, (R, …). strata: int64 (N,).
    The same seed, strata and number of resamples give the same resamples.
    """
    blocks: dict[str, list[np.ndarray]] = {name: [] for name in statistics}
    for weights in resample_weights(strata, resamples=resamples, seed=seed):
        for name, statistic in statistics.items():
            blocks[name].append(statistic(weights))
    return {name: np.concatenate(values) for name, values in blocks.items()}


def resample_weights(strata: np.ndarray, *, resamples: int, seed: int = 0) -> Iterator[np.ndarray]:
    """Blocks of weights, float64 (R, N): how often each observation is drawn. In each row the weights of a stratum add
    up to its size.
    """
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    size = max(1, BLOCK_ELEMENTS // max(1, len(strata)))
    for start in range(0, resamples, size):
        rows = min(size, resamples - start)
        weights = np.empty((rows, len(strata)))
        for own in members:
            places = rng.integers(0, len(own), (rows, len(own))) + len(own) * np.arange(rows)[:, None]
            weights[:, own] = np.bincount(places.ravel(), minlength=rows * len(own)).reshape(rows, -1)
        yield weights


def percentile_interval(values: np.ndarray, confidence: float) -> tuple[float, float] | None:
    """The central share ``confidence`` of a statistic's values on resamples, (R,); NaN is left out. None where more
    than half are NaN.
    """
    known = values[~np.isnan(values)]
    if 2 * len(known) < len(values):
        return None
    tail = 50 * (1 - confidence)
    low, high = np.percentile(known, [tail, 100 - tail])
    return float(low), float(high)
