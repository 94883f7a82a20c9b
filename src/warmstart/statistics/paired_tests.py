"""Two classifiers on the same images: McNemar's exact test and Newcombe's interval of the difference in accuracy."""

from __future__ import annotations

from math import sqrt

import numpy as np
from scipy.stats import binomtest

from warmstart.records.intervals import PairedComparison
from warmstart.statistics.intervals import CONFIDENCE, Interval
from warmstart.statistics.proportions import wilson_interval


def compare_paired(
    first_right: np.ndarray, second_right: np.ndarray, confidence: float = CONFIDENCE
) -> PairedComparison:
    """Compare two classifiers; each array is bool (N,), whether that classifier is right on image i.

    Raises ValueError when the arrays differ in length or are empty.
    """
    if first_right.shape != second_right.shape or first_right.ndim != 1 or not len(first_right):
        raise ValueError(f"answers of shapes {first_right.shape} and {second_right.shape} are not paired")
    both = int((first_right & second_right).sum())
    first_only = int((first_right & ~second_right).sum())
    second_only = int((~first_right & second_right).sum())
    neither = len(first_right) - both - first_only - second_only
    difference = newcombe_interval(both, first_only, second_only, neither, confidence)
    p = mcnemar(first_only, second_only)
    beyond_noise = p < 1 - confidence and (difference.low > 0 or difference.high < 0)
    return PairedComparison(len(first_right), both, first_only, second_only, neither, difference, p, beyond_noise)


def mcnemar(first_only: int, second_only: int) -> float:
    """The two-sided p of the exact McNemar test, in (0, 1].

    Only the images on which the two disagree count; under the null hypothesis each of them is a fair coin.
    Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12 (1947) 153-157, in its exact binomial form.
    """
    n = first_only + second_only
    return float(binomtest(first_only, n).pvalue) if n else 1.0


def newcombe_interval(
    both: int, first_only: int, second_only: int, neither: int, confidence: float = CONFIDENCE
) -> Interval:
    """The difference of two accuracies on the same images, first minus second, with its interval.

    Two Wilson intervals, joined with the correlation of the two (continuity corrected): method 10 of R. G. Newcombe,
    "Improved confidence intervals for the difference between binomial proportions based on paired data", Statistics in
    Medicine 17 (1998) 2635-2650. It has a width also when the two never disagree, where a bootstrap has none.
    """
    n = both + first_only + second_only + neither
    first = wilson_interval(both + first_only, n, confidence)
    second = wilson_interval(both + second_only, n, confidence)
    phi = _phi(both, first_only, second_only, neither)
    value = (first_only - second_only) / n

    def half(near: float, far: float) -> float:
        return sqrt(max(0.0, near * near - 2 * phi * near * far + far * far))

    low = value - half(first.value - first.low, second.high - second.value)
    high = value + half(second.value - second.low, first.high - first.value)
    return Interval(value, max(-1.0, low), min(1.0, high), n)


def _phi(both: int, first_only: int, second_only: int, neither: int) -> float:
    margins = (both + first_only) * (second_only + neither) * (both + second_only) * (first_only + neither)
    if not margins:
        return 0.0
    product: float = both * neither - first_only * second_only
    if product > 0:
        product = max(0, product - (both + first_only + second_only + neither) / 2)
    return float(product / sqrt(margins))
