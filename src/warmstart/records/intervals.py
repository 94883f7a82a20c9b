"""Numbers with the interval around them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MetricInterval:
    """A metric with its interval, low <= high. The number of observations stands beside it, once for all metrics of a
    split.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class CountedInterval:
    """A number with its interval, low <= high, and the number of observations behind it."""

    value: float
    low: float
    high: float
    n: int
