"""What recipes are compared by: the metric that chose their epochs, in the choice, the tests and the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.metric_test import compare_by_metric, constant_answers, measure, redrawn
from warmstart.comparison.tested_answers import TestedAnswers, read_answers
from warmstart.config.selection import ACCURACY, SELECTABLE, SelectionMetric
from warmstart.evaluation.metric_registry import METRICS
from warmstart.evaluation.prediction_table import pair_answers
from warmstart.evaluation.threshold import DEPENDENT
from warmstart.records.intervals import MetricInterval, PairedComparison
from warmstart.statistics.paired_tests import compare_paired
from warmstart.statistics.seeds_and_images import compare_over_seeds
from warmstart.text.quantities import measure_interval


@dataclass(frozen=True)
class Yardstick:
    """name: of the metric. others: what some recipes' epochs were chosen by instead, where these differ."""

    name: str = ACCURACY
    others: tuple[str, ...] = ()
    _answers: dict[str, TestedAnswers] = field(default_factory=dict, compare=False, repr=False)
    _drawn: dict[str, np.ndarray] = field(default_factory=dict, compare=False, repr=False)

    @property
    def metric(self) -> SelectionMetric:
        """Its title, unit and direction."""
        return SELECTABLE[self.name]

    @property
    def is_accuracy(self) -> bool:
        """Whether McNemar's test and Newcombe's interval apply."""
        return self.name == ACCURACY

    @property
    def is_share(self) -> bool:
        """Whether it is given in percent."""
        return self.metric.unit == "%"

    def tested_name(self, folds: int, seeds: int = 1) -> str:
        """Shown in charts: ``test accuracy``, by folds ``accuracy, out of fold``, and ``, mean of 3 seeds`` behind."""
        title = self.metric.title if self.is_share else SELECTABLE[ACCURACY].title
        return (f"{title}, out of fold" if folds > 1 else f"test {title}") + mean_of(seeds)

    def on_validation(self, recipe: FinishedRecipe) -> float:
        """The value at the kept epoch, with folds their mean, or its opposite where lower is better."""
        return self.metric.oriented(recipe.best.score(self.name))

    def on_test(self, recipe: FinishedRecipe) -> MetricInterval:
        """The value on test images as packaged, with its interval."""
        measured = recipe.metrics.test.interval(self.name)
        assert measured is not None  # else `common_yardstick` has chosen accuracy
        return measured

    def rank(self, recipe: FinishedRecipe) -> float:
        """The value on test images, or its opposite where lower is better."""
        if self.is_accuracy:
            return float(recipe.predictions.answers.mean())
        return self.metric.oriented(self.on_test(recipe).value)

    def compare(self, first: FinishedRecipe, second: FinishedRecipe, confidence: float) -> PairedComparison:
        """By how much the first is better on the test images, uncorrected: of accuracy by the exact McNemar test and
        Newcombe's interval and, with several seeds, by means over images and seeds; else as ``compare_by_metric``.
        Raises UserError where two recipes were tested on different images.
        """
        right = pair_answers(first.predictions, second.predictions)
        if self.is_accuracy:
            alone = len(right[0]) == len(right[1]) == 1
            return (
                compare_paired(right[0][0], right[1][0], confidence)
                if alone
                else compare_over_seeds(*right, confidence)
            )
        one, two = (self._read(recipe) for recipe in (first, second))
        drawn = (self._drawn[first.name], self._drawn[second.name])
        return compare_by_metric(METRICS[self.name], one, two, drawn, confidence)

    def beats_guessing(self, recipe: FinishedRecipe) -> bool:
        """Whether it is clearly better than the same answer to every image: by accuracy, the most frequent class of the
        training images; else the classes' shares.
        """
        if self.is_accuracy:
            return recipe.beats_majority
        found, guess = self.on_test(recipe), self.guess(recipe)
        return found.low > guess if self.metric.higher_is_better else found.high < guess

    def guess(self, recipe: FinishedRecipe) -> float:
        """The value of the same answer to every image, see ``constant_answers``."""
        return measure(METRICS[self.name], constant_answers(self._read(recipe)))

    def gain(self, difference: float) -> str:
        """A difference with its sign: ``+1.2`` points, ``+0.012``."""
        number = f"{100 * difference:+.1f}" if self.is_share else f"{difference:+.3f}"
        return number.replace("-", "−")

    def size(self, paired: PairedComparison, *, opposite: bool = False) -> str:
        """How far two are apart: ``1.2 points``, ``1.2 points of balanced accuracy``, ``0.012 nats of log loss``."""
        value = -paired.difference.value if opposite else paired.difference.value
        return f"{100 * value:.1f} {self.unit}" if self.is_share else f"{value:.3f} {self.unit}"

    @property
    def unit(self) -> str:
        """Of a difference, after its number: ``points``, ``points of balanced accuracy``, ``of AUROC``."""
        unit = {"%": "points", "nats": "nats"}.get(self.metric.unit, "")
        return unit if self.is_accuracy else f"{unit} of {self.metric.title}".strip()

    def test_name(self, seeds: int = 1) -> str:
        """The test of a pair, in words."""
        if not self.is_accuracy:
            return "test that swaps the answers of the two"
        return "t test over images and seeds" if seeds > 1 else "exact McNemar test"

    def bounds(self, paired: PairedComparison, *, opposite: bool = False) -> str:
        """Its interval: ``[0.3, 2.1]``."""
        gap = paired.difference
        ends = (-gap.high, -gap.low) if opposite else (gap.low, gap.high)
        low, high = (f"{100 * end:.1f}" if self.is_share else f"{end:.3f}" for end in ends)
        return f"[{low}, {high}]"

    def shown(self, measured: MetricInterval) -> str:
        """A value with its interval: ``93.1 % [91.0, 95.0]``."""
        return measure_interval(measured, self.metric.unit)

    def _read(self, recipe: FinishedRecipe) -> TestedAnswers:
        if recipe.name not in self._answers:
            self._answers[recipe.name] = read_answers(recipe)
            self._drawn[recipe.name] = redrawn(METRICS[self.name], self._answers[recipe.name])
        return self._answers[recipe.name]


BY_ACCURACY = Yardstick()


def mean_of(seeds: int) -> str:
    """``, mean of 3 seeds``; empty for one."""
    return f", mean of {seeds} seeds" if seeds > 1 else ""


def common_yardstick(finished: Sequence[FinishedRecipe]) -> Yardstick:
    """The metric that chose the epochs of all recipes; accuracy where it is not the same in all, where the test images
    do not define it, and with several seeds, over which no other metric is compared.
    """
    chosen = list(dict.fromkeys(recipe.summary.selected_by for recipe in finished))
    alone = all(recipe.seeds == 1 for recipe in finished)
    if (
        len(chosen) == 1
        and (alone or chosen == [ACCURACY])
        and all(recipe.metrics.test.interval(chosen[0]) is not None for recipe in finished)
    ):
        return Yardstick(chosen[0])
    return Yardstick(ACCURACY, tuple(name for name in chosen if name != ACCURACY))


def threshold_metric(finished: Sequence[FinishedRecipe]) -> str:
    """What the thresholds are to raise, in a sentence; empty where that is accuracy. It is the metric that chose the
    epochs, also where recipes are compared by another.
    """
    chosen = {recipe.summary.selected_by for recipe in finished}
    names = {name if name in DEPENDENT else ACCURACY for name in chosen}
    if names == {ACCURACY}:
        return ""
    return SELECTABLE[names.pop()].title if len(names) == 1 else "the metric that chose the recipe’s epoch"


def best_on_validation(finished: Sequence[FinishedRecipe], by: Yardstick = BY_ACCURACY) -> FinishedRecipe | None:
    """The best recipe on validation at its kept epoch (mean over folds or seeds), ties by lower validation loss. None
    of none.

    Never by the test images: the best of several is there by luck too.
    """
    return min(finished, key=lambda recipe: (-by.on_validation(recipe), recipe.best.val_loss), default=None)
