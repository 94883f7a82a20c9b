"""The interval that comes with a reported number."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import NormalDist

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval, low <= high, and the number of observations behind it."""

    value: float
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, float]:
        """Plain data: value, low, high, n."""
        return asdict(self)


def normal_quantile(confidence: float) -> float:
    """The z for which mean ± z standard deviations hold ``confidence`` of a normal distribution: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)
