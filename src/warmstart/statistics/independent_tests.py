"""Proportions on different images: Fisher's exact test and Newcombe's interval of the difference."""

from __future__ import annotations

from math import hypot

from scipy.stats import fisher_exact

from warmstart.statistics.intervals import CONFIDENCE, Interval
from warmstart.statistics.proportions import wilson_interval


def fisher_test(first: int, n_first: int, second: int, n_second: int) -> float:
    """The two-sided p of Fisher's exact test, in (0, 1], of ``first`` successes of ``n_first`` against the second.

    Source: R. A. Fisher, "On the interpretation of chi-squared from contingency tables, and the calculation of P",
    Journal of the Royal Statistical Society 85 (1922) 87-94; two-sided by the sum of the tables as unlikely or more.
    """
    return min(1.0, float(fisher_exact([[first, n_first - first], [second, n_second - second]]).pvalue))


def independent_difference(
    first: int, n_first: int, second: int, n_second: int, confidence: float = CONFIDENCE
) -> Interval:
    """The difference of two proportions of different images, first minus second, with its interval; n of both together.

    Two Wilson intervals joined: method 10 of R. G. Newcombe, "Interval estimation for the difference between
    independent proportions: comparison of eleven methods", Statistics in Medicine 17 (1998) 873-890.
    Raises ValueError unless both have observations.
    """
    one, two = wilson_interval(first, n_first, confidence), wilson_interval(second, n_second, confidence)
    value = one.value - two.value
    low = value - hypot(one.value - one.low, two.high - two.value)
    high = value + hypot(one.high - one.value, two.value - two.low)
    return Interval(value, max(-1.0, low), min(1.0, high), n_first + n_second)
