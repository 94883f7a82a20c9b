"""Accuracies of networks that were trained with several seeds and answer the same images: intervals over both.

Seeds and images are crossed, as readers and cases are in studies of diagnostic imaging: the answers of several networks
to one image are not independent, nor are those of one network to several images. The variance of a mean accuracy is
therefore made of components, and not of all answers at once.

Sources: D. D. Dorfman, K. S. Berbaum and C. E. Metz, "Receiver operating characteristic rating analysis: generalization
to the population of readers and patients", Investigative Radiology 27 (1992) 723-731 (the components, none below 0); S.
L. Hillis, "A comparison of denominator degrees of freedom methods for multiple observer ROC analysis", Statistics in
Medicine 26 (2007) 596-619; A. Agresti and Y. Min, "Simple improved confidence intervals for comparing matched
proportions", Statistics in Medicine 24 (2005) 729-740 (half an image more for each of the four pairs of answers, so
that few disagreements still have a width). The bootstrap over both counts their interaction three times, and seeds too
low where there are few (A. B. Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1 (2007) 386-411).
"""

from __future__ import annotations

from collections.abc import Sequence
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
    mean, half = float(data.mean()), _half(float(data.var(ddof=1)) / len(data), len(data) - 1, confidence)
    return Interval(mean, mean - half, mean + half, len(data))


def compare_over_seeds(first: np.ndarray, second: np.ndarray, confidence: float = CONFIDENCE) -> PairedComparison:
    """Compare two recipes by their mean accuracies. Each array is bool (seeds, N), whether a seed's network is right on
    image i; each recipe has its own seeds, two or more.

    The interval of the difference, and p by the t test that it belongs to, allow for other seeds and for other images;
    ``over`` has the interval over each alone, the other being as it is. The four counts are expected numbers of images
    for a network of each, rounded. Raises ValueError for arrays that do not fit.
    """
    if first.shape[1:] != second.shape[1:] or first.ndim != 2 or not first.shape[1] or min(len(first), len(second)) < 2:
        raise ValueError(
            f"answers of shapes {first.shape} and {second.shape} are not of several seeds on the same images"
        )
    first, second = np.ascontiguousarray(first), np.ascontiguousarray(second)  # the same sums for the same answers
    one, two, n = first.mean(axis=0), second.mean(axis=0), first.shape[1]
    value, images = float(one.mean() - two.mean()), _variance_of_mean(one - two)
    seeds = [_seed_variances(answers) for answers in (first, second)]
    total = images + sum(own for _, own, _ in seeds)
    freedom = total**2 / (images**2 / max(1, n - 1) + sum(raw**2 / df for raw, _, df in seeds))
    half = _half(total, freedom, confidence)
    p = float(2 * t.sf(abs(value) / sqrt(total), freedom))
    raw = sum(part for part, _, _ in seeds)
    half_seeds = _half(raw, raw**2 / sum(part**2 / df for part, _, df in seeds), confidence) if raw else 0.0
    n_seeds = min(len(first), len(second))
    both, first_only, second_only = (round(float(x.sum())) for x in (one * two, one * (1 - two), (1 - one) * two))
    return PairedComparison(
        n,
        both,
        first_only,
        second_only,
        n - both - first_only - second_only,
        _around(value, half, n),
        p,
        bool(p < 1 - confidence),
        SeedIntervals(_around(value, _half(images, max(1, n - 1), confidence), n), _around(value, half_seeds, n_seeds)),
    )


def _variance_of_mean(differences: np.ndarray) -> float:
    """Over images, of the mean of differences in [-1, 1], (N,)."""
    n, total = len(differences) + PSEUDO_IMAGES, float(differences.sum())
    squares = float((differences**2).sum()) + PSEUDO_IMAGES / 2
    return (squares - total**2 / n) / n**2


def _seed_variances(answers: np.ndarray) -> tuple[float, float, int]:
    """Of a mean accuracy over seeds, bool (S, N): its variance on these images, the part of it that seeds have on any
    images, and the degrees of freedom.
    """
    seeds, n = answers.shape
    right = answers.astype(np.float64)
    of_seed, of_image = right.mean(axis=1, keepdims=True), right.mean(axis=0, keepdims=True)
    raw = float(of_seed.var(ddof=1)) / seeds
    rest = float(((right - of_seed - of_image + right.mean()) ** 2).sum())
    interaction = rest / ((seeds - 1) * max(1, n - 1)) / (seeds * n)
    return raw, max(0.0, raw - interaction), seeds - 1


def _half(variance: float, freedom: float, confidence: float) -> float:
    return float(t.ppf((1 + confidence) / 2, freedom)) * sqrt(variance)


def _around(value: float, half: float, n: int) -> Interval:
    return Interval(value, max(-1.0, value - half), min(1.0, value + half), n)
