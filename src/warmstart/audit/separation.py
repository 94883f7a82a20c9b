"""How well one number a photo tells classes apart, and whether that could be chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from warmstart.evaluation.intervals import CONFIDENCE, normal_quantile

LEAST = 8  # photos of a class, and of the others, below which nothing is said
BINS, PER_BIN = 20, 10
PARTS = 5


@dataclass(frozen=True)
class Separation:
    """Of one class against all others. auroc: the chance that a photo of the class has the higher value, ties counting half; 0.5
    says nothing, 0 and 1 everything. p: that it is chance, for this one test.
    """

    label: int
    auroc: float
    p: float

    @property
    def effect(self) -> float:
        """0 (says nothing) to 0.5 (says everything)."""
        return abs(self.auroc - 0.5)


def separations(values: np.ndarray, labels: np.ndarray, classes: int) -> list[Separation]:
    """Each class with enough photos against the others. values: float (N,), finite. labels: int (N,).

    The area under the ROC curve from ranks, its p from the normal approximation with the correction for ties (H. B. Mann and D. R.
    Whitney, Annals of Mathematical Statistics 18 (1947) 50-60). Of two classes the second alone is given, as the first says the same.
    """
    total = len(values)
    _, inverse, ties = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[inverse]
    counts = np.bincount(labels, minlength=classes)
    sums = np.bincount(labels, weights=ranks, minlength=classes)
    tied = 1 - float((ties.astype(np.float64) ** 3 - ties).sum()) / max(float(total) ** 3 - total, 1.0)
    found = []
    for label in range(1 if classes == 2 else 0, classes):
        ones = int(counts[label])
        others = total - ones
        if min(ones, others) < LEAST:
            continue
        auroc = (float(sums[label]) - ones * (ones + 1) / 2) / (ones * others)
        spread = math.sqrt((total + 1) / (12 * ones * others) * tied)
        p = math.erfc(abs(auroc - 0.5) / spread / math.sqrt(2)) if spread else 1.0
        found.append(Separation(label, auroc, p))
    return found


def interval(values: np.ndarray, ones: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of the area under the ROC curve of ``values`` (float (N,)) for the photos ``ones`` (bool (N,)) against the
    others, at least two of each, within [0, 1]; right for ties too, where most values are the same.

    Source: E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, Biometrics 44 (1988) 837-845.
    """
    high, low = np.sort(values[ones]), np.sort(values[~ones])
    above = (np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")) / (2 * len(low))
    below = (np.searchsorted(high, low, "left") + np.searchsorted(high, low, "right")) / (2 * len(high))
    half = normal_quantile(CONFIDENCE) * math.sqrt(above.var(ddof=1) / len(high) + below.var(ddof=1) / len(low))
    auroc = float(above.mean())
    return max(0.0, auroc - half), min(1.0, auroc + half)


def chance_of(accuracy: float, majority: float, n: int) -> float:
    """The p that guessing the most frequent class, right on a share ``majority``, is right on ``accuracy`` of ``n`` photos or more."""
    spread = math.sqrt(majority * (1 - majority) / n)
    return 0.5 * math.erfc((accuracy - majority) / spread / math.sqrt(2)) if spread else 1.0


def cross_validated(
    values: np.ndarray, labels: np.ndarray, units: np.ndarray, classes: int, *, categories: bool
) -> float:
    """The share of photos whose class is guessed right from ``values`` (float (N,)) alone: their range is cut into bins, and each
    photo is given the most frequent class of its bin among the other four fifths. Photos of one unit stay together.

    categories: that the values are kinds and no amounts, each its own bin.
    """
    if categories:
        bins = np.unique(values, return_inverse=True)[1]
    else:
        number = int(np.clip(len(values) // (PER_BIN * classes), 2, BINS))
        bins = np.searchsorted(np.unique(np.quantile(values, np.arange(1, number) / number)), values, side="right")
    every, place = np.unique(units, return_inverse=True)
    part = np.random.default_rng(0).permutation(np.arange(len(every)) % PARTS)[place]
    table = np.zeros((PARTS, int(bins.max()) + 1, classes))
    np.add.at(table, (part, bins, labels), 1)
    others = table.sum(0) - table
    # An empty bin says what the whole says.
    others += 1e-6 * others.sum(1, keepdims=True)
    return float((others.argmax(-1)[part, bins] == labels).mean())
