"""Two recipes on the same images by any metric of the registry: the difference, its interval and a test.

Both are computed by the metric's own function, on weights: the bootstrap draws the images of each class anew, the same
ones for both recipes; the test swaps the answers of the two.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.stats import rankdata

from warmstart.comparison.tested_answers import TestedAnswers
from warmstart.evaluation.class_predictions import Predictions
from warmstart.evaluation.metric_registry import Metric
from warmstart.evaluation.outcomes import Outcomes, WeightedOutcomes
from warmstart.records.intervals import Interval, PairedComparison
from warmstart.statistics.stratified_bootstrap import BLOCK_ELEMENTS, percentile_interval, resample_weights

RESAMPLES, FEWEST = 9_999, 1_999
MOST_ELEMENTS = 2 * 10**7  # resamples × images: of more than 2,000 images there are fewer resamples
BINS = 10  # of confidence, which only the calibration error has
ROUNDING = 1e-12  # differences that are equal but for the order of a sum


def resamples_of(n: int) -> int:
    """How many resamples and swaps there are for n images."""
    return int(np.clip(MOST_ELEMENTS // n, FEWEST, RESAMPLES))


def measure(metric: Metric, answers: TestedAnswers) -> float:
    """The metric of the answers as they are."""
    return float(metric.function(WeightedOutcomes(_outcomes(answers), np.ones((1, len(answers.labels)))))[0])


def redrawn(metric: Metric, answers: TestedAnswers) -> np.ndarray:
    """The metric on resamples, (R,), which are the same for all recipes, since the images are."""
    outcomes = _outcomes(answers)
    drawn = resample_weights(answers.labels, resamples=resamples_of(len(answers.labels)))
    return np.concatenate([metric.function(WeightedOutcomes(outcomes, weights)) for weights in drawn])


def compare_by_metric(
    metric: Metric,
    first: TestedAnswers,
    second: TestedAnswers,
    drawn: tuple[np.ndarray, np.ndarray],
    confidence: float,
) -> PairedComparison:
    """By how much the first is better. drawn: of each, see ``redrawn``. confidence: of the interval, in (0, 1)."""
    sign, n = 1 if metric.higher_is_better else -1, len(first.labels)
    value = sign * (measure(metric, first) - measure(metric, second))
    low, high = percentile_interval(sign * (drawn[0] - drawn[1]), confidence) or (value, value)
    p = swap_test(metric, first, second)
    one, two = first.correct, second.correct
    counts = (int((one & two).sum()), int((one & ~two).sum()), int((~one & two).sum()), int((~one & ~two).sum()))
    beyond_noise = p < 1 - confidence and (low > 0 or high < 0)
    return PairedComparison(n, *counts, Interval(value, min(low, value), max(high, value), n), p, beyond_noise)


def swap_test(metric: Metric, first: TestedAnswers, second: TestedAnswers, seed: int = 0) -> float:
    """The two-sided p, in (0, 1], of the difference in a metric when the two answers to each image are swapped with a
    chance of one half; for accuracy, McNemar's test with drawn swaps.

    E. S. Edgington, "Randomization Tests" (1980). Ranking metrics swap the ranks within each recipe, whose scores need
    not be on one scale: A. I. Bandos, H. E. Rockette and D. Gur, "A permutation test sensitive to differences in areas
    for comparing ROC curves from a paired design", Statistics in Medicine 24 (2005) 2873-2893. The p counts the
    observed answers as one of the swaps: B. Phipson and G. K. Smyth (2010).
    """
    n, rng = len(first.labels), np.random.default_rng(seed)
    ranked = tuple(_ranked(answers) if metric.ranks else answers for answers in (first, second))
    outcomes = _outcomes(_stacked(*ranked))

    def gaps(kept: np.ndarray) -> np.ndarray:  # bool (R, N): whether the first has its own answer
        mine, theirs = np.hstack([kept, ~kept]).astype(float), np.hstack([~kept, kept]).astype(float)
        values = [metric.function(WeightedOutcomes(outcomes, weights)) for weights in (mine, theirs)]
        return np.asarray(np.abs(values[0] - values[1]))

    observed = float(gaps(np.ones((1, n), dtype=bool))[0]) - ROUNDING
    swaps, block, found = resamples_of(n), max(1, BLOCK_ELEMENTS // (2 * n)), 0
    for start in range(0, swaps, block):
        kept = rng.integers(0, 2, (min(block, swaps - start), n), dtype=np.uint8).astype(bool)
        found += int((gaps(kept) >= observed).sum())
    return (found + 1) / (swaps + 1)


def constant_answers(answers: TestedAnswers) -> TestedAnswers:
    """The same answer to every image: the classes' shares among them, and the commonest class."""
    counts = np.bincount(answers.labels, minlength=answers.predictions.probabilities.shape[1])
    shares = np.tile(counts / counts.sum(), (len(answers.labels), 1))
    return replace(answers, predictions=Predictions(shares, np.full(len(shares), counts.argmax(), dtype=np.int64)))


def _outcomes(answers: TestedAnswers) -> Outcomes:
    return Outcomes(answers.predictions, answers.labels, answers.folds, BINS)


def _stacked(first: TestedAnswers, second: TestedAnswers) -> TestedAnswers:
    both = (first.predictions, second.predictions)
    return TestedAnswers(
        Predictions(
            np.concatenate([one.probabilities for one in both]), np.concatenate([one.predicted for one in both])
        ),
        np.concatenate([first.labels, second.labels]),
        np.concatenate([first.folds, second.folds]),
    )


def _ranked(answers: TestedAnswers) -> TestedAnswers:
    """Each class' scores as ranks within the network that gave them."""
    ranks = np.empty_like(answers.predictions.probabilities)
    for fold in np.unique(answers.folds):
        own = answers.folds == fold
        ranks[own] = rankdata(answers.predictions.probabilities[own], axis=0)
    return replace(answers, predictions=Predictions(ranks, answers.predictions.predicted))
