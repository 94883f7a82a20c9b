"""The loss over the logarithm of the learning rate: smoothed, with its slope, and the rates that follow from it.

L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017, section 3.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BANDWIDTH = 0.5  # of the smoothing, in decades of the rate
CLEAR = 3.0  # standard errors from 0, beyond which a slope counts
CAP = 2.0  # of the first losses' median: higher losses count as so high
FIRST = 0.1  # share of the steps whose losses are the first
ROUNDING = 1e-9  # the least standard error, in nats a decade
SAFE_FACTOR = 3.0  # how much lower the safe rate is


@dataclass(frozen=True)
class LRCurve:
    """smoothed: float64 (N,), nats. slopes: float64 (N,), nats a decade, and their standard errors. steepest, safe:
    None where the loss falls nowhere by more than chance. lowest: where it is lowest before it rises above its first.
    """

    smoothed: np.ndarray
    slopes: np.ndarray
    errors: np.ndarray
    steepest: float | None
    safe: float | None
    lowest: float


def analyse(rates: Sequence[float], losses: Sequence[float]) -> LRCurve:
    """Smooth the losses at rising rates, and find where they clearly fall, and fall fastest, before they are lowest.

    The slope is taken against the logarithm of the rate, in which the rates are evenly spaced: against the rate itself
    a fall at a small rate looks steeper than a larger one at a ten times larger rate.
    """
    x, y = np.log10(np.asarray(rates, dtype=np.float64)), np.asarray(losses, dtype=np.float64)
    y = np.minimum(y, CAP * np.median(y[: max(1, round(FIRST * len(y)))]))  # one explosion hides what is beside it
    smoothed, slopes, errors = smooth(x, y, BANDWIDTH)
    risen = np.flatnonzero((slopes > CLEAR * errors) & (smoothed > smoothed[0]))
    lowest = int(smoothed[: risen[0] if len(risen) else None].argmin())
    clear = np.flatnonzero(slopes[: lowest + 1] < -CLEAR * errors[: lowest + 1])
    steepest = float(rates[clear[slopes[clear].argmin()]]) if len(clear) else None
    safe = None if steepest is None else steepest / SAFE_FACTOR
    return LRCurve(smoothed, slopes, errors, steepest, safe, float(rates[lowest]))


def smooth(x: np.ndarray, y: np.ndarray, bandwidth: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, slopes and the slopes' standard errors, float64 (N,) each, of lines fitted around each point with normal
    weights in x. The errors are those of White (1980), which do not take the noise for equal everywhere.

    Unlike a running average such lines do not lag behind, so no fall is found at a higher rate than it has.
    """
    distance = x[None, :] - x[:, None]
    weights = np.exp(-0.5 * (distance / bandwidth) ** 2)
    weights /= weights.sum(1, keepdims=True)
    centre = (weights * distance).sum(1, keepdims=True)
    of_slope = weights * (distance - centre)
    of_slope /= (of_slope * distance).sum(1, keepdims=True)
    slopes = of_slope @ y
    smoothed = weights @ y - slopes * centre[:, 0]
    return smoothed, slopes, np.maximum(np.sqrt(of_slope**2 @ (y - smoothed) ** 2), ROUNDING)
