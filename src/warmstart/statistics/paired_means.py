"""Means over the same observations: their intervals, and tests of whether they are 0."""

from __future__ import annotations

import numpy as np

from warmstart.records.intervals import MetricInterval
from warmstart.statistics.stratified_bootstrap import percentile_interval, stratified_bootstrap

SWAPS = 9_999
ROUNDING = 1e-12


def mean_intervals(values: np.ndarray, strata: np.ndarray, confidence: float, resamples: int) -> list[MetricInterval]:
    """The mean of each row of values, (K, N), with a bootstrap interval that draws the observations of each stratum
    anew, the same ones for all rows. strata: int64 (N,). confidence: in (0, 1).
    """

    def means(weights: np.ndarray) -> np.ndarray:
        return np.asarray(weights @ values.T / values.shape[1])

    drawn = stratified_bootstrap({"means": means}, strata, resamples=resamples)["means"]
    intervals = []
    for own, column in zip(values.mean(axis=1).tolist(), drawn.T, strict=True):
        low, high = percentile_interval(column, confidence) or (own, own)
        intervals.append(MetricInterval(own, min(low, own), max(high, own)))
    return intervals


def sign_flip_test(differences: np.ndarray, seed: int = 0) -> list[float]:
    """The two-sided p, in (0, 1], of the mean of each row of differences, (K, N), being 0: how often it is as large
    when the sign of each is drawn, which swaps the two observations that it is of.

    R. A. Fisher, "The design of experiments" (1935), with drawn signs; the observed ones are counted as one of them.
    """
    signs = np.random.default_rng(seed).integers(0, 2, (SWAPS, differences.shape[1])) * 2.0 - 1
    sums = np.abs(signs @ differences.T)
    as_large = (sums >= np.abs(differences.sum(axis=1)) - ROUNDING).sum(axis=0)
    return [float(share) for share in (as_large + 1) / (SWAPS + 1)]
