"""Accuracies of networks that were trained with several seeds and answer the same images: intervals over both.

Seeds and images are crossed, as readers and cases are in studies of diagnostic imaging: the answers of several networks
to one image are not independent, nor are those of one network to several images. The variance of a mean accuracy is
therefore made of components, and not of all answers at once.

Sources: D. D. Dorfman, K. S. Berbaum and C. E. Metz, "Receiver operating characteristic rating analysis: generalization
to the population of readers and patients with the jackknife method", Investigative Radiology 27 (1992) 723-731 (the
components, none below 0); S. L. Hillis, "A comparison of denominator degrees of freedom methods for multiple observer
ROC analysis", Statistics in Medicine 26 (2007) 596-619; A. Agresti and Y. Min, "Simple improved confidence intervals
for comparing matched proportions", Statistics in Medicine 24 (2005) 729-740 (half an image more for each of the four
pairs of answers, so that few disagreements still have a width). The bootstrap over both counts their interaction three
times, and seeds too low where there are few (A. B. Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1
(2007) 386-411).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import t

from warmstart.records.intervals import PairedComparison, SeedIntervals
from warmstart.statistics.intervals import CONFIDENCE, Interval

PSEUDO_IMAGES = 2.0  # half an image for each of the four pairs of answers


def mean_over_seeds(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """The mean of a figure over seeds with Student's t interval, n: the seeds. Raises ValueError for fewer than two."""
    data = np.asarray(values, dtype=np.float64)
    if len(data) < 2:
        raise ValueError("one seed has no spread")
    mean, half = float(data.mean()), _Spread(float(data.var(ddof=1)) / len(data), len(data) - 1).half(confidence)
    return Interval(mean, mean - half, mean + half, len(data))


def compare_over_seeds(first: np.ndarray, second: np.ndarray, confidence: float = CONFIDENCE) -> PairedComparison:
    """Compare two recipes by their mean accuracies. Each array is bool (seeds, N), whether a seed's network is right on
    image i; each recipe has its own seeds, two or more.

    The interval of the difference, and p by the t test that it belongs to, allow for other seeds and for other images;
    neither claims more than over seeds alone or over images alone, whose intervals are in ``over``: few seeds have few
    degrees of freedom. The four counts are expected numbers of images for a network of each, rounded. Raises ValueError
    for arrays that do not fit.
    """
    if first.shape[1:] != second.shape[1:] or first.ndim != 2 or not first.shape[1] or min(len(first), len(second)) < 2:
        raise ValueError(f"{first.shape} and {second.shape} are no answers of several seeds to the same images")
    first, second = np.ascontiguousarray(first), np.ascontiguousarray(second)  # the same sums for the same answers
    one, two, n = first.mean(axis=0), second.mean(axis=0), first.shape[1]
    value, seeds = float(one.mean() - two.mean()), [_seed_variances(answers) for answers in (first, second)]
    over_images, raw = _Spread(_variance_of_mean(one - two), max(1, n - 1)), [found for found, _ in seeds]
    over_seeds = _together(sum(part.variance for part in raw), raw)
    over_both = _together(over_images.variance + sum(own for _, own in seeds), [over_images, *raw])
    spreads = (over_images, over_seeds, over_both)
    p = max(spread.p(value) for spread in spreads)
    both, first_only, second_only = (round(float(x.sum())) for x in (one * two, one * (1 - two), (1 - one) * two))
    return PairedComparison(
        n,
        both,
        first_only,
        second_only,
        n - both - first_only - second_only,
        _around(value, max(spread.half(confidence) for spread in spreads), n),
        p,
        bool(p < 1 - confidence),
        SeedIntervals(
            _around(value, over_images.half(confidence), n),
            _around(value, over_seeds.half(confidence), min(len(first), len(second))),
        ),
    )


@dataclass(frozen=True)
class _Spread:
    """The variance of an estimate, and the degrees of freedom that it was found with."""

    variance: float
    freedom: float

    def half(self, confidence: float) -> float:
        """Half the width of Student's interval."""
        return float(t.ppf((1 + confidence) / 2, self.freedom)) * sqrt(self.variance)

    def p(self, value: float) -> float:
        """Two-sided, of Student's test that the estimate ``value`` is 0."""
        if not self.variance:
            return float(not value)
        return float(2 * t.sf(abs(value) / sqrt(self.variance), self.freedom))


def _together(variance: float, parts: Sequence[_Spread]) -> _Spread:
    """A variance that is made of parts, with Satterthwaite's degrees of freedom."""
    of_parts = sum(part.variance**2 / part.freedom for part in parts)
    return _Spread(variance, variance**2 / of_parts if variance and of_parts else 1.0)


def _variance_of_mean(differences: np.ndarray) -> float:
    """Over images, of the mean of differences in [-1, 1], (N,)."""
    n, total = len(differences) + PSEUDO_IMAGES, float(differences.sum())
    squares = float((differences**2).sum()) + PSEUDO_IMAGES / 2
    return (squares - total**2 / n) / n**2


def _seed_variances(answers: np.ndarray) -> tuple[_Spread, float]:
    """Of a mean accuracy over seeds, bool (S, N): the variance on these images, and the part of it that seeds have on
    any images.
    """
    seeds, n = answers.shape
    right = answers.astype(np.float64)
    of_seed, of_image = right.mean(axis=1, keepdims=True), right.mean(axis=0, keepdims=True)
    raw = float(of_seed.var(ddof=1)) / seeds
    rest = float(((right - of_seed - of_image + right.mean()) ** 2).sum())
    interaction = rest / ((seeds - 1) * max(1, n - 1)) / (seeds * n)
    return _Spread(raw, seeds - 1), max(0.0, raw - interaction)


def _around(value: float, half: float, n: int) -> Interval:
    return Interval(value, max(-1.0, value - half), min(1.0, value + half), n)
