"""The interval that comes with a reported number."""

from __future__ import annotations

from statistics import NormalDist

from warmstart.records.intervals import Interval

__all__ = ["CONFIDENCE", "Interval", "normal_quantile"]
CONFIDENCE = 0.95


def normal_quantile(confidence: float) -> float:
    """The z for which mean ± z standard deviations hold ``confidence`` of a normal distribution: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)
