"""Rank statistics: AUROC with its test and interval, Spearman's correlation."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import norm, rankdata, tiecorrect

from warmstart.statistics.intervals import CONFIDENCE, normal_quantile


@dataclass(frozen=True)
class ClassAuroc:
    """Of one class against all others. p: two-sided, of the Mann-Whitney test."""

    label: int
    auroc: float
    p: float

    @property
    def effect(self) -> float:
        """The distance from chance: 0 to 0.5 (the values of class and others do not overlap)."""
        return abs(self.auroc - 0.5)


def auroc(scores: np.ndarray, labels: np.ndarray, groups: np.ndarray | None = None) -> float:
    """The probability that a positive (label 1) scores above a negative (label 0), ties counting half; NaN where one of
    the two is missing (Mann & Whitney, 1947).

    groups: int64 (N,); only a positive and a negative of the same group are compared.
    """
    if groups is not None:
        members = [groups == group for group in np.unique(groups)]
        pairs = [float(labels[own].sum() * (1 - labels[own]).sum()) for own in members]
        each = [pair * auroc(scores[own], labels[own]) for own, pair in zip(members, pairs, strict=True) if pair]
        return sum(each) / sum(pairs) if each else float("nan")
    positives = int(labels.sum())
    if positives in (0, len(labels)):
        return float("nan")
    return _auroc(float(rankdata(scores)[labels == 1].sum()), positives, len(labels) - positives)


def one_vs_rest_aurocs(values: np.ndarray, labels: np.ndarray, classes: int, *, min_count: int) -> list[ClassAuroc]:
    """The AUROC of each class against all others, where each side has at least ``min_count`` members.

    values: float (N,), finite. labels: int (N,). Of two classes only the second is given: the first mirrors it.
    p is from the normal approximation with the correction for ties (H. B. Mann and D. R. Whitney, Annals of
    Mathematical Statistics 18 (1947) 50-60).
    """
    total = len(values)
    ranks = rankdata(values)
    untied = float(tiecorrect(ranks))
    counts = np.bincount(labels, minlength=classes)
    rank_sums = np.bincount(labels, weights=ranks, minlength=classes)
    found = []
    for label in range(1 if classes == 2 else 0, classes):
        positives = int(counts[label])
        negatives = total - positives
        if min(positives, negatives) < min_count:
            continue
        area = _auroc(float(rank_sums[label]), positives, negatives)
        deviation = sqrt((total + 1) / (12 * positives * negatives) * untied)
        found.append(ClassAuroc(label, area, float(2 * norm.sf(abs(area - 0.5) / deviation)) if deviation else 1.0))
    return found


def delong_interval(scores: np.ndarray, positive: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of the AUROC, within [0, 1]; valid with ties too. positive: bool (N,), at least two of each.

    Source: E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, Biometrics 44 (1988) 837-845.
    """
    high, low = np.sort(scores[positive]), np.sort(scores[~positive])
    above = (np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")) / (2 * len(low))
    below = (np.searchsorted(high, low, "left") + np.searchsorted(high, low, "right")) / (2 * len(high))
    half = normal_quantile(CONFIDENCE) * sqrt(above.var(ddof=1) / len(high) + below.var(ddof=1) / len(low))
    area = float(above.mean())
    return max(0.0, area - half), min(1.0, area + half)


def spearman(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Spearman's correlation of each pair of arrays, float64 (N,), in [-1, 1]; NaN where one of the two is constant.

    first, second: (N, ...), of the same shape.
    """
    product: np.ndarray = standardised_ranks(first) * standardised_ranks(second)
    return np.asarray(product.sum(axis=1))


def mean_spearman_with_others(arrays: np.ndarray) -> np.ndarray:
    """The mean of Spearman's correlations of each array (N, ...) with all others, (N,); NaN for a constant one."""
    ranks = standardised_ranks(arrays)
    table = ranks @ ranks.T
    np.fill_diagonal(table, np.nan)
    known = ~np.isnan(table)
    count = known.sum(axis=1)
    out: np.ndarray = np.where(count > 0, np.where(known, table, 0).sum(axis=1) / np.maximum(count, 1), np.nan)
    return out


def standardised_ranks(arrays: np.ndarray) -> np.ndarray:
    """Ranks within each array (N, ...), centred and scaled to length 1: float64 (N, K); NaN for a constant array."""
    ranks: np.ndarray = rankdata(arrays.reshape(len(arrays), -1), axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        ranks /= np.linalg.norm(ranks, axis=1, keepdims=True)
    return ranks


def _auroc(rank_sum: float, positives: int, negatives: int) -> float:
    """rank_sum: of the positives' ranks among all."""
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)
