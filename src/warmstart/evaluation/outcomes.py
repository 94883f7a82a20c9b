"""The outcomes of N images, and the same images weighted, from which every metric is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from warmstart.evaluation.class_predictions import Predictions, confidence_bins, cross_entropies
from warmstart.statistics.weighted_ranking import Ranking


@dataclass(frozen=True)
class Outcomes:
    """labels: int64 (N,). folds: int64 (N,), which network predicted each image. bins: of confidence, for the
    calibration error.
    """

    predictions: Predictions
    labels: np.ndarray
    folds: np.ndarray
    bins: int

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return int(self.predictions.probabilities.shape[1])

    @cached_property
    def correct(self) -> np.ndarray:
        """Whether the predicted class is the true one, bool (N,)."""
        correct: np.ndarray = self.predictions.predicted == self.labels
        return correct

    @cached_property
    def losses(self) -> np.ndarray:
        """Cross-entropies in nats, (N,)."""
        return cross_entropies(self.predictions.probabilities, self.labels)

    @cached_property
    def squared_errors(self) -> np.ndarray:
        """Brier's score of each image, (N,): the squared differences between probabilities and truth, summed over the
        classes, in [0, 2]; of two classes, which differ equally, that of one, in [0, 1].
        """
        errors = ((self.predictions.probabilities - self.one_hot(self.labels)) ** 2).sum(axis=1)
        return np.asarray(errors / 2 if self.classes == 2 else errors)

    @cached_property
    def calibration_gaps(self) -> np.ndarray:
        """(N, bins): in the image's bin of confidence 1 or 0 for right or wrong, minus the confidence; else 0."""
        confidence, n = self.predictions.confidence, len(self.labels)
        gaps = np.zeros((n, self.bins))
        gaps[np.arange(n), confidence_bins(confidence, self.bins)] = self.correct - confidence
        return gaps

    @cached_property
    def rankings(self) -> list[Ranking]:
        """Each class against the rest, within folds; of two classes the second alone, which the first mirrors."""
        scores = self.predictions.probabilities
        ranked: Sequence[int] = [1] if self.classes == 2 else range(self.classes)
        return [Ranking(scores[:, label], self.labels == label, self.folds) for label in ranked]

    @cached_property
    def memberships(self) -> np.ndarray:
        """float64 (N, 3 × classes): whether the image is of a class, predicted as it, and both."""
        true, predicted = self.one_hot(self.labels), self.one_hot(self.predictions.predicted)
        return np.concatenate([true, predicted, true * predicted], axis=1)

    def one_hot(self, classes: np.ndarray) -> np.ndarray:
        """float64 (N, classes)."""
        rows: np.ndarray = np.eye(self.classes)[classes]
        return rows


@dataclass(frozen=True)
class WeightedOutcomes:
    """weights: float64 (R, N), how often each of R resamples holds each image. A row of ones is the images as they
    are.
    """

    outcomes: Outcomes
    weights: np.ndarray

    def mean(self, values: np.ndarray) -> np.ndarray:
        """The mean of values (N,) over the images of each resample, (R,)."""
        means: np.ndarray = (self.weights @ values) / self.weights.sum(axis=1)
        return means

    @cached_property
    def counts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Images of each class, those predicted as it, and those of it predicted as it: each (R, classes)."""
        true, predicted, right = np.split(self.weights @ self.outcomes.memberships, 3, axis=1)
        return true, predicted, right

    @cached_property
    def class_f1(self) -> np.ndarray:
        """(R, classes): the harmonic mean of precision and recall; NaN of a class that is neither there nor said."""
        true, predicted, right = self.counts
        with np.errstate(invalid="ignore"):
            return np.asarray(2 * right / (true + predicted))

    @cached_property
    def ranked(self) -> tuple[np.ndarray, np.ndarray]:
        """AUROC and average precision, each (R, ranked classes)."""
        found = [ranking.measure(self.weights) for ranking in self.outcomes.rankings]
        aurocs, precisions = (np.stack(columns, axis=1) for columns in zip(*found, strict=True))
        return aurocs, precisions
