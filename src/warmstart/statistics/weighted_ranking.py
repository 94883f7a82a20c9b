"""AUROC and average precision of weighted observations, for many rows of weights at once."""

from __future__ import annotations

import numpy as np


class Ranking:
    """The order of N scores in groups, computed once for all weights. A positive is compared with the negatives of its
    own group only.

    scores: float (N,). positive: bool (N,). groups: int64 (N,), all alike where there are none.
    Weights are float64 (R, N), at least 0; results are float64 (R,), NaN where the statistic is undefined.
    """

    def __init__(self, scores: np.ndarray, positive: np.ndarray, groups: np.ndarray) -> None:
        self._groups = []
        for group in np.unique(groups):
            own = groups == group
            self._groups.append(_Order(scores, np.flatnonzero(own & positive), np.flatnonzero(own & ~positive)))

    def measure(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """AUROC and average precision.

        AUROC: the probability that a positive scores above a negative, ties counting half (Mann & Whitney, 1947); of
        several groups over the pairs within a group (Forman & Scholz, 2010). Average precision: the mean over positives
        of the precision at their score, as scikit-learn computes it, without interpolation; with groups, the precision
        within the positive's group.
        """
        won, pairs, precisions, positives = np.sum([order.measure(weights) for order in self._groups], axis=0)
        with np.errstate(invalid="ignore"):
            return won / pairs, precisions / positives


class _Order:
    """A group, by descending score. positives, negatives: indices of observations."""

    def __init__(self, scores: np.ndarray, positives: np.ndarray, negatives: np.ndarray) -> None:
        self.positives, self.negatives = (
            rows[np.argsort(-scores[rows], kind="stable")] for rows in (positives, negatives)
        )
        high, low = -scores[self.positives], -scores[self.negatives]
        # Of each positive: how many negatives score above it, how many at least as high, and how many positives.
        self.negatives_above = np.searchsorted(low, high, "left")
        self.negatives_at_least = np.searchsorted(low, high, "right")
        self.positives_at_least = np.searchsorted(high, high, "right")
        self.tied = bool((self.negatives_above != self.negatives_at_least).any())

    def measure(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Each (R,): pairs that the positive wins, pairs, sum of the precisions at the positives, positives."""
        own = weights[:, self.positives]
        positives, negatives = _cumulated(own), _cumulated(weights[:, self.negatives])
        n_positives, n_negatives = positives[:, -1], negatives[:, -1]
        false = negatives[:, self.negatives_at_least]
        above = (false + negatives[:, self.negatives_above]) / 2 if self.tied else false
        won = n_positives * n_negatives - np.einsum("ij,ij->i", own, above)
        true = positives[:, self.positives_at_least]
        # 0 / 1 in place of 0 / 0, where no observation with a weight scores as high.
        precision = true / np.maximum(true + false, np.where(true > 0, 0, 1))
        return won, n_positives * n_negatives, np.einsum("ij,ij->i", own, precision), n_positives


def _cumulated(weights: np.ndarray) -> np.ndarray:
    """(R, M + 1): the sum of the first 0, 1, …, M columns."""
    sums = np.zeros((len(weights), weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=sums[:, 1:])
    return sums
