"""Numbers with the interval around them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from warmstart.records.base import ABSENT


@dataclass(frozen=True)
class MetricInterval:
    """A metric with its interval, low <= high. The number of observations stands beside it, once a split."""

    value: float
    low: float
    high: float

    def columns(self, name: str) -> dict[str, Any]:  # Any, for a row has fields of many types
        """``name``, ``name_low`` and ``name_high``, as tables and MLflow have them."""
        return {name: self.value, f"{name}_low": self.low, f"{name}_high": self.high}


@dataclass(frozen=True)
class Interval(MetricInterval):
    """An estimate with its interval, and the number n of observations behind it."""

    n: int

    def to_dict(self) -> dict[str, float]:
        """Plain data: value, low, high, n."""
        return asdict(self)


@dataclass(frozen=True)
class SeedIntervals:
    """An estimate that is a mean over seeds, with the interval over images, n of them, of these seeds' networks, and
    the interval over seeds, n of them, on these images.
    """

    images: Interval
    seeds: Interval


@dataclass(frozen=True)
class PairedComparison:
    """Which of two recipes was right on which of n images. difference: by how much the first is better: its accuracy
    minus that of the second, in [-1, 1], or the same of the metric that chooses the recipe. p: of the exact McNemar
    test, of other metrics of a test that swaps answers. beyond_noise: whether test and interval both say that the two
    differ.

    With several seeds, ``difference`` is that of mean accuracies, its interval and p (of a t test) are over images and
    seeds together, ``over`` has each alone, and the counts are means over pairs of seeds; else ``over`` is None.
    """

    n: int
    both: int
    first_only: int
    second_only: int
    neither: int
    difference: Interval
    p: float
    beyond_noise: bool
    over: Annotated[SeedIntervals | None, ABSENT] = None
