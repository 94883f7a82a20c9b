"""The power law of learning curves: error(n) = floor + excess · (n / n0)^-exponent, fitted to many resamples at once.

Sources: J. Hestness et al., "Deep learning scaling is predictable, empirically" (2017); T. Viering and M. Loog, "The
shape of learning curves: a review" (2021), which also says how far such laws may be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EXPONENTS = np.geomspace(0.05, 2.0, 80)
MIN_SIZES = 3  # as many as the law has parameters


@dataclass(frozen=True)
class PowerLaws:
    """R fitted laws. floor, excess, exponent: float64 (R,), none negative. reference: n0, at which the error is floor +
    excess.
    """

    floor: np.ndarray
    excess: np.ndarray
    exponent: np.ndarray
    reference: float

    def error(self, n: np.ndarray | float) -> np.ndarray:
        """The errors at n, float64 (R, *n.shape)."""
        sizes = np.asarray(n, dtype=np.float64)
        shape = (len(self.floor),) + (1,) * sizes.ndim
        floor, excess, exponent = (x.reshape(shape) for x in (self.floor, self.excess, self.exponent))
        return np.asarray(floor + excess * (sizes / self.reference) ** -exponent)

    def size_for(self, error: np.ndarray) -> np.ndarray:
        """n at which each law reaches its ``error``, float64 (R,); infinite where it never does."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            n = self.reference * ((error - self.floor) / self.excess) ** (-1 / self.exponent)
        return np.where((error > self.floor) & (self.excess > 0), n, np.inf)


def fit_power_laws(sizes: np.ndarray, errors: np.ndarray, weights: np.ndarray) -> PowerLaws:
    """Fit a law to each row of ``errors`` by weighted least squares, with floor and excess of 0 or more and an exponent
    of ``EXPONENTS``.

    sizes: of the training sets, (S,), at least ``MIN_SIZES``. errors: float64 (R, S), in [0, 1]. weights: (S,),
    inverse variances. Raises ValueError for fewer sizes.
    """
    if len(sizes) < MIN_SIZES:
        raise ValueError(f"a power law needs {MIN_SIZES} sizes or more, not {len(sizes)}")
    reference = float(max(sizes))
    best = np.full(len(errors), np.inf)
    floor, excess, exponent = (np.zeros(len(errors)) for _ in range(3))
    for power in EXPONENTS:
        shape = (np.asarray(sizes) / reference) ** -power
        at, scale = _two_terms(shape, errors, weights)
        loss = ((at[:, None] + scale[:, None] * shape - errors) ** 2 * weights).sum(axis=1)
        better = loss < best
        best = np.where(better, loss, best)
        floor, excess = np.where(better, at, floor), np.where(better, scale, excess)
        exponent = np.where(better, power, exponent)
    return PowerLaws(floor, excess, exponent, reference)


def _two_terms(shape: np.ndarray, errors: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The floor and the excess, (R,) each and none negative, that fit floor + excess · shape best."""
    total, ones, squares = weights.sum(), (weights * shape).sum(), (weights * shape**2).sum()
    y, xy = errors @ weights, errors @ (weights * shape)
    excess = (total * xy - ones * y) / (total * squares - ones**2)
    floor = (y - excess * ones) / total
    excess = np.where(floor < 0, xy / squares, excess)
    floor = np.where(excess < 0, y / total, floor)
    return np.maximum(floor, 0), np.maximum(excess, 0)
