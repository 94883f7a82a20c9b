"""Two recipes on the same images: is one right more often, and by how much?"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, fsum, lgamma, log, sqrt
from typing import Any

import numpy as np

from warmstart.errors import UserError
from warmstart.evaluation.intervals import CONFIDENCE, Interval, wilson
from warmstart.evaluation.read import Answers


@dataclass(frozen=True)
class Paired:
    """Who was right where, on ``n`` images that both saw.

    difference: accuracy of the first minus accuracy of the second, in [-1, 1]. p: of the exact McNemar test.
    """

    n: int
    both: int
    first_only: int
    second_only: int
    neither: int
    difference: Interval
    p: float
    confidence: float = CONFIDENCE

    @property
    def beyond_noise(self) -> bool:
        """Whether test and interval both say that the two differ, at the level of the interval."""
        return self.p < 1 - self.confidence and (self.difference.low > 0 or self.difference.high < 0)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        counts = {
            "n": self.n,
            "both": self.both,
            "first_only": self.first_only,
            "second_only": self.second_only,
            "neither": self.neither,
        }
        return {**counts, "difference": self.difference.to_dict(), "p": self.p, "beyond_noise": self.beyond_noise}


def paired(first_right: np.ndarray, second_right: np.ndarray, confidence: float = CONFIDENCE) -> Paired:
    """Compare two recipes; each array is bool (N,), whether that recipe was right on image i.

    Raises ValueError when the arrays differ in length or are empty.
    """
    if first_right.shape != second_right.shape or first_right.ndim != 1 or not len(first_right):
        raise ValueError(f"answers of shapes {first_right.shape} and {second_right.shape} are not paired")
    both = int((first_right & second_right).sum())
    first_only = int((first_right & ~second_right).sum())
    second_only = int((~first_right & second_right).sum())
    neither = len(first_right) - both - first_only - second_only
    difference = paired_difference(both, first_only, second_only, neither, confidence)
    p = mcnemar(first_only, second_only)
    return Paired(len(first_right), both, first_only, second_only, neither, difference, p, confidence)


def mcnemar(first_only: int, second_only: int) -> float:
    """The two-sided p of the exact McNemar test, in (0, 1]: only the images on which the two disagree count, and under
    the null hypothesis each of them is a fair coin.

    Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12 (1947) 153-157, in its exact binomial form.
    """
    n, few = first_only + second_only, min(first_only, second_only)
    # In logarithms: 2^-n alone is below the smallest float at 1,100 disagreements.
    tail = fsum(exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2)) for k in range(few + 1))
    return min(1.0, 2 * tail)


def paired_difference(
    both: int, first_only: int, second_only: int, neither: int, confidence: float = CONFIDENCE
) -> Interval:
    """The difference of two accuracies on the same images, first minus second, with its interval.

    Two Wilson intervals, joined with the correlation of the answers (continuity corrected): method 10 of R. G.
    Newcombe, "Improved confidence intervals for the difference between binomial proportions based on paired data",
    Statistics in Medicine 17 (1998) 2635-2650. It keeps a width when the two never disagree, where a bootstrap has
    none.
    """
    n = both + first_only + second_only + neither
    first = wilson(both + first_only, n, confidence)
    second = wilson(both + second_only, n, confidence)
    phi = _correlation(both, first_only, second_only, neither)
    value = (first_only - second_only) / n

    def half(near: float, far: float) -> float:
        return sqrt(max(0.0, near * near - 2 * phi * near * far + far * far))

    low = value - half(first.value - first.low, second.high - second.value)
    high = value + half(second.value - second.low, first.high - first.value)
    return Interval(value, max(-1.0, low), min(1.0, high), n)


def _correlation(both: int, first_only: int, second_only: int, neither: int) -> float:
    margins = (both + first_only) * (second_only + neither) * (both + second_only) * (first_only + neither)
    if not margins:
        return 0.0
    product: float = both * neither - first_only * second_only
    if product > 0:
        product = max(0, product - (both + first_only + second_only + neither) / 2)
    return float(product / sqrt(margins))


def same_images(first: Answers, second: Answers) -> tuple[np.ndarray, np.ndarray]:
    """Whether each recipe was right, bool (N,) each, joined by path. Raises UserError unless both saw the same images
    with the same labels: figures of different images cannot be paired.
    """
    order = {path: i for i, path in enumerate(second.paths)}
    alone = set(first.paths) ^ set(second.paths)
    if alone or len(order) != len(first.paths):
        example = f", for example {min(alone)}" if alone else ""
        raise UserError(
            f"{first.source} and {second.source} are about different images ({len(alone)} in one only{example}): "
            "evaluate both recipes again"
        )
    rows = np.array([order[path] for path in first.paths], dtype=np.int64)
    if (first.labels != second.labels[rows]).any():
        path = first.paths[int(np.argmax(first.labels != second.labels[rows]))]
        raise UserError(f"{first.source} and {second.source} label {path} differently: evaluate both recipes again")
    return first.right, second.right[rows]
