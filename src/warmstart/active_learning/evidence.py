"""From replayed labelling to figures with intervals, and a verdict."""

from __future__ import annotations

import numpy as np

from warmstart.active_learning.simulation import LabellingCurves
from warmstart.records.intervals import Interval
from warmstart.records.suggestion import LabellingEvidence, LabellingPoint, Verdict
from warmstart.statistics.crossed_bootstrap import crossed_means, percentile_interval
from warmstart.statistics.intervals import CONFIDENCE


def weigh(curves: LabellingCurves, photos: int, penalty: float, made_of: str = "") -> LabellingEvidence:
    """The accuracies and their paired differences with intervals over repetitions and test photos, both drawn again.

    photos: that could be chosen. The verdict is one test: whether the interval of the mean difference excludes 0. The
    points differ by equal ratios, so their mean is the area between the curves over the logarithm of the labelled
    photos. The first point is left out: both begin with the same photos.
    """
    repetitions, n, _ = curves.rule.shape
    means = {name: values.mean(axis=(0, 1)) for name, values in (("random", curves.random), ("rule", curves.rule))}
    drawn = {"random": crossed_means(curves.random), "rule": crossed_means(curves.rule)}
    points = [
        LabellingPoint(
            size,
            percentile_interval(means["random"][at], drawn["random"][:, at], n),
            percentile_interval(means["rule"][at], drawn["rule"][:, at], n),
            percentile_interval(
                means["rule"][at] - means["random"][at], drawn["rule"][:, at] - drawn["random"][:, at], n
            ),
        )
        for at, size in enumerate(curves.sizes)
    ]
    differences = (drawn["rule"] - drawn["random"])[:, 1:].mean(axis=1)
    difference = percentile_interval((means["rule"] - means["random"])[1:].mean(), differences, n)
    verdict: Verdict = "better" if difference.low > 0 else "worse" if difference.high < 0 else "not_told_apart"
    enough = _enough(curves.sizes, means, drawn, n) if verdict == "better" else None
    return LabellingEvidence(
        photos, n, repetitions, penalty, CONFIDENCE, points, difference, verdict, enough, made_of
    )  # fmt: skip


def labels_to_reach(sizes: list[int], accuracies: np.ndarray, target: float) -> float:
    """How many labelled photos first reach the accuracy ``target``, interpolated over the logarithm of their number;
    the last size where none does. accuracies: (S,), at ``sizes``.
    """
    reached = np.flatnonzero(accuracies >= target)
    if not len(reached):
        return float(sizes[-1])
    at = int(reached[0])
    if not at:
        return float(sizes[0])
    below, above = accuracies[at - 1], accuracies[at]
    share = (target - below) / (above - below)
    return float(sizes[at - 1] * (sizes[at] / sizes[at - 1]) ** share)


def _enough(sizes: list[int], means: dict[str, np.ndarray], drawn: dict[str, np.ndarray], n: int) -> Interval:
    """How many photos by the rule reach what the last point reaches at random."""
    value = labels_to_reach(sizes, means["rule"], means["random"][-1])
    again = [
        labels_to_reach(sizes, rule, random[-1]) for rule, random in zip(drawn["rule"], drawn["random"], strict=True)
    ]
    return percentile_interval(value, np.array(again), n)
