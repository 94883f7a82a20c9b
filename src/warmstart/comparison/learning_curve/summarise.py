"""From the predictions of all points to the learning curve with its laws and answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from warmstart.comparison.learning_curve.finished_curve import FinishedCurve
from warmstart.comparison.learning_curve.fits import FARTHEST, bounded, crossings, describe, fit, interval_of
from warmstart.comparison.learning_curve.messages import sentences
from warmstart.records.learning_curve import (
    CatchUp,
    CurveMetric,
    CurveSize,
    LearningCurve,
    RecipeCurve,
)
from warmstart.statistics.curve_bootstrap import resample_curves

RESAMPLES = 2000


@dataclass(frozen=True)
class Losses:
    """What every training got wrong. wrong: bool (C, S, K, N), of C recipes at S sizes with K seeds on N test images.
    image_weights: what an image counts in the metric, (N,), in all 1. labels: (N,). sizes: of each recipe, (C, S).
    """

    wrong: np.ndarray
    image_weights: np.ndarray
    labels: np.ndarray
    sizes: np.ndarray

    @property
    def errors(self) -> np.ndarray:
        """1 - metric of each training, (C, S, K)."""
        return np.asarray(self.wrong @ self.image_weights)


def collect(curves: Sequence[FinishedCurve], labels: np.ndarray, metric: CurveMetric) -> Losses:
    """The predictions of curves with the same sizes and seeds, as one array. labels: of the test images, (N,)."""
    wrong = np.array([curve.probabilities.argmax(axis=-1) != labels for curve in curves])
    weights = np.full(len(labels), 1 / len(labels))
    if metric == "balanced_accuracy":
        counts = np.bincount(labels)
        weights = 1 / (counts[labels] * np.count_nonzero(counts))
    return Losses(wrong, weights, labels, np.array([curve.sizes for curve in curves]))


def summarise(
    finished: Sequence[FinishedCurve],
    labels: np.ndarray,
    metric: CurveMetric,
    confidence: float,
) -> LearningCurve:
    """The curves with their laws and answers. finished: one or more, with the same sizes and seeds."""
    losses = collect(finished, labels, metric)
    resamples = resample_curves(losses.wrong, losses.image_weights, losses.labels, resamples=RESAMPLES)
    errors, n_test = losses.errors, len(losses.labels)
    curves = []
    for number, one in enumerate(finished):
        origin = one.origin
        means, sizes = errors[number].mean(axis=1), losses.sizes[number]
        figures = [
            CurveSize(share, int(n), interval_of(1 - mean, 1 - own, confidence), (1 - by_seed).tolist())
            for share, n, mean, own, by_seed in zip(
                origin.shares, sizes, means, resamples[:, number].T, errors[number], strict=True
            )
        ]
        law = describe(sizes, means, resamples[:, number], n_test, confidence)
        curves.append(RecipeCurve(origin.recipe, origin.family, figures, law))
    farthest = FARTHEST * int(losses.sizes.max())
    curve = LearningCurve(metric, confidence, n_test, finished[0].origin.seeds, farthest, curves, None, [])
    curve = replace(curve, catch_up=_catch_up(curve, losses, resamples))
    return replace(curve, sentences=sentences(curve))


def _catch_up(curve: LearningCurve, losses: Losses, resamples: np.ndarray) -> CatchUp | None:
    """Of each family the recipe with the highest metric on all images; None where a family is missing."""
    numbers = {}
    for family in ("scratch", "transfer"):
        own = [number for number, recipe in enumerate(curve.recipes) if recipe.family == family]
        if not own:
            return None
        numbers[family] = max(own, key=lambda number: curve.recipes[number].sizes[-1].mean.value)
    slow, fast = numbers["scratch"], numbers["transfer"]
    n = share = enough = difference = None
    fits = [fit(losses.sizes[i], losses.errors[i].mean(axis=1), resamples[:, i], curve.n_test) for i in (slow, fast)]
    if fits[0] and fits[1]:
        low, farthest = float(losses.sizes[slow][0]), float(curve.farthest)
        measured = crossings(fits[0].measured, fits[1].measured, low, farthest)
        resampled = crossings(fits[0].resampled, fits[1].resampled, low, farthest)
        n = bounded(measured[0], resampled, farthest, curve.confidence)
        share = float(np.isfinite(resampled).mean())
    errors = losses.errors.mean(axis=2)
    for size, at in enumerate(losses.sizes[fast]):
        ahead = interval_of(
            errors[slow, -1] - errors[fast, size],
            resamples[:, slow, -1] - resamples[:, fast, size],
            curve.confidence,
        )
        if ahead.low > 0:
            enough, difference = int(at), ahead
            break
    return CatchUp(curve.recipes[slow].recipe, curve.recipes[fast].recipe, n, share, enough, difference)
