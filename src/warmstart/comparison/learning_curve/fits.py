"""Power laws of learning curves, with what they say about more images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warmstart.records.intervals import MetricInterval
from warmstart.records.learning_curve import BoundedNumber, CurveLaw
from warmstart.statistics.power_law import MIN_SIZES, PowerLaws, fit_power_laws
from warmstart.statistics.stratified_bootstrap import percentile_interval

FARTHEST = 10  # times the largest measured size: beyond that a law is not asked
GRID = 400  # sizes at which two laws are compared


@dataclass(frozen=True)
class Fit:
    """The laws of a recipe: of the measured curve, and of the resamples of it."""

    measured: PowerLaws
    resampled: PowerLaws

    def error(self, n: float, confidence: float) -> MetricInterval:
        """The error at n."""
        return interval_of(self.measured.error(n)[0], self.resampled.error(n), confidence)


def fit(sizes: np.ndarray, errors: np.ndarray, resamples: np.ndarray, n_test: int) -> Fit | None:
    """Fit a curve. sizes, errors: (S,). resamples: (R, S). None with fewer than ``MIN_SIZES`` sizes.

    A size's weight is the inverse of the binomial variance of its error, with Laplace's estimate of that so that it is
    never 0.
    """
    if len(sizes) < MIN_SIZES:
        return None
    near = (errors * n_test + 1) / (n_test + 2)
    weights = 1 / (near * (1 - near))
    return Fit(fit_power_laws(sizes, errors[None], weights), fit_power_laws(sizes, resamples, weights))


def describe(
    sizes: np.ndarray, errors: np.ndarray, resamples: np.ndarray, n_test: int, confidence: float
) -> CurveLaw | None:
    """The law of a curve in numbers; arguments as of ``fit``."""
    found = fit(sizes, errors, resamples, n_test)
    if found is None:
        return None
    before = fit(sizes[:-1], errors[:-1], resamples[:, :-1], n_test)
    largest = float(sizes[-1])
    both = (found.measured, found.resampled)
    gains = [law.error(largest) - law.error(2 * largest) for law in both]
    needed = [law.size_for(law.error(largest) - 0.01) for law in both]
    return CurveLaw(
        floor=interval_of(found.measured.floor[0], found.resampled.floor, confidence),
        excess=interval_of(found.measured.excess[0], found.resampled.excess, confidence),
        exponent=interval_of(found.measured.exponent[0], found.resampled.exponent, confidence),
        reference=int(largest),
        foretold=_one_minus(before.error(largest, confidence)) if before else None,
        doubled=interval_of(gains[0][0], gains[1], confidence),
        one_point=bounded(needed[0][0], needed[1], FARTHEST * largest, confidence),
    )


def crossings(slow: PowerLaws, fast: PowerLaws, low: float, high: float) -> np.ndarray:
    """The smallest size, between ``low`` and ``high``, from which on each law of ``slow`` has an error no higher than
    that of ``fast``; float64 (R,), infinite where there is none.
    """
    sizes = np.geomspace(low, high, GRID)
    reached = slow.error(sizes) <= fast.error(sizes)
    stays = np.flip(np.logical_and.accumulate(np.flip(reached, axis=1), axis=1), axis=1)
    return np.where(stays.any(axis=1), sizes[stays.argmax(axis=1)], np.inf)


def bounded(value: float, resampled: np.ndarray, farthest: float, confidence: float) -> BoundedNumber:
    """A number of images with its interval, None where it is beyond ``farthest``. resampled: may be infinite."""
    tail = 50 * (1 - confidence)
    low, high = np.percentile(resampled, [tail, 100 - tail], method="nearest")
    return BoundedNumber(*(round(n) if n <= farthest else None for n in (value, low, high)))


def interval_of(value: float, resampled: np.ndarray, confidence: float) -> MetricInterval:
    """A number with the percentile interval of its resamples, which is widened where that lacks the number itself."""
    low, high = percentile_interval(resampled, confidence) or (value, value)
    return MetricInterval(float(value), min(low, float(value)), max(high, float(value)))


def _one_minus(error: MetricInterval) -> MetricInterval:
    return MetricInterval(1 - error.value, 1 - error.high, 1 - error.low)
