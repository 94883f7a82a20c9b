"""Proportions: Wilson's interval and a test against an expected proportion."""

from __future__ import annotations

from math import erfc, sqrt

from warmstart.statistics.intervals import CONFIDENCE, Interval, normal_quantile


def wilson_interval(successes: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """The score interval of a proportion, within [0, 1]. Unlike value ± 1.96 standard errors it is valid near 0 and 1.

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


def proportion_test(observed: float, expected: float, n: int) -> float:
    """One-sided p that a proportion of ``n`` trials is ``observed`` or more where ``expected`` is true.

    The normal approximation without continuity correction; 1 where ``expected`` is 0 or 1.
    """
    deviation = sqrt(expected * (1 - expected) / n)
    return 0.5 * erfc((observed - expected) / deviation / sqrt(2)) if deviation else 1.0
