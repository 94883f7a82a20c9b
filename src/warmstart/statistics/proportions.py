"""Proportions: Wilson's interval and a test against an expected proportion."""

from __future__ import annotations

from math import sqrt

from scipy.stats import binomtest, norm

from warmstart.statistics.intervals import CONFIDENCE, Interval


def wilson_interval(successes: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """The score interval of a proportion, within [0, 1]. Unlike value ± 1.96 standard errors it is valid near 0 and 1.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927)
    209-212.
    Raises ValueError unless 0 <= successes <= n and n >= 1.
    """
    if n < 1:
        raise ValueError(f"{successes} successes of {n}")
    interval = binomtest(successes, n).proportion_ci(confidence, method="wilson")
    return Interval(successes / n, float(interval.low), float(interval.high), n)


def proportion_test(observed: float, expected: float, n: int) -> float:
    """One-sided p that a proportion of ``n`` trials is ``observed`` or more where ``expected`` is true.

    The normal approximation without continuity correction; 1 where ``expected`` is 0 or 1.
    """
    deviation = sqrt(expected * (1 - expected) / n)
    return float(norm.sf(observed, expected, deviation)) if deviation else 1.0
