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


@dataclass(frozen=True)
class PairedComparison:
    """Which of two recipes was right on which of n images. difference: accuracy of the first minus that of the second,
    in [-1, 1]. p: of the exact McNemar test. beyond_noise: whether test and interval both say that the two differ.
    """

    n: int
    both: int
    first_only: int
    second_only: int
    neither: int
    difference: CountedInterval
    p: float
    beyond_noise: bool
