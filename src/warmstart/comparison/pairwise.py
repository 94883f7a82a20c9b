"""Every pair of finished recipes on the same test images, corrected for the number of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.yardstick import BY_ACCURACY, Yardstick
from warmstart.records.intervals import Interval, PairedComparison, SeedIntervals
from warmstart.records.pairwise import NeededImages, PairRecord
from warmstart.statistics.multiple_tests import groups_not_told_apart, holm
from warmstart.statistics.sample_size import POWER, detectable_difference, images_needed


@dataclass(frozen=True)
class Pairwise:
    """order: the recipes, the best on test images first, by accuracy unless another metric chooses. pairs: in this
    order, each with the better recipe first (of equal ones, the one listed first). confidence: of intervals and, as 1
    minus it, the level of the tests. seeds: of each recipe, over which accuracies are means. by_accuracy: whether they
    are compared by accuracy.
    """

    order: list[str]
    pairs: list[PairRecord]
    confidence: float
    seeds: int = 1
    by_accuracy: bool = True

    def between(self, first: str, second: str) -> PairRecord:
        """The comparison of two recipes, as by how much ``first`` is better. Raises KeyError."""
        for pair in self.pairs:
            if (pair.first, pair.second) == (first, second):
                return pair
            if (pair.second, pair.first) == (first, second):
                return PairRecord(first, second, swapped(pair.paired), pair.p, pair.clear)
        raise KeyError((first, second))

    @property
    def groups(self) -> list[list[str]]:
        """The largest groups of recipes in which no two are told apart."""
        place = {name: i for i, name in enumerate(self.order)}
        apart = [(place[pair.first], place[pair.second]) for pair in self.pairs if pair.clear]
        return [[self.order[i] for i in group] for group in groups_not_told_apart(len(self.order), apart)]

    @property
    def needed(self) -> NeededImages | None:
        """How many images tell the two leading recipes apart; None where they are, where there is one only, where
        another metric than accuracy compares them, and with several seeds, whose spread more images do not lessen.

        The level is that of Holm's next step: the pairs that are told apart already leave the others a larger share.
        """
        if not (self.by_accuracy and self.pairs and self.seeds == 1) or (leading := self.pairs[0]).clear:
            return None
        level = (1 - self.confidence) / sum(not pair.clear for pair in self.pairs)
        paired = leading.paired
        disagree = (paired.first_only + paired.second_only) / paired.n
        return NeededImages(
            leading.first,
            leading.second,
            disagree,
            level,
            POWER,
            images_needed(paired.first_only, paired.second_only, paired.n, level),
            detectable_difference(disagree, paired.n, level),
        )


def compare_all(finished: Sequence[FinishedRecipe], confidence: float, by: Yardstick = BY_ACCURACY) -> Pairwise:
    """Compare every pair, with tests corrected by Holm's method. All have the same number of seeds. by: the metric.

    confidence: in (0, 1). Raises UserError where two recipes were tested on different images.
    """
    order = sorted(finished, key=lambda recipe: -by.rank(recipe))
    pairs = list(combinations(order, 2))
    compared = [by.compare(one, two, confidence) for one, two in pairs]
    corrected = holm([paired.p for paired in compared])
    records = [
        PairRecord(one.name, two.name, paired, p, paired.beyond_noise and p < 1 - confidence)
        for (one, two), paired, p in zip(pairs, compared, corrected, strict=True)
    ]
    seeds = max((one.seeds for one in order), default=1)
    return Pairwise([recipe.name for recipe in order], records, confidence, seeds, by.is_accuracy)


def swapped(paired: PairedComparison) -> PairedComparison:
    """The same comparison with the other recipe first."""
    over = SeedIntervals(_opposite(paired.over.images), _opposite(paired.over.seeds)) if paired.over else None
    difference = _opposite(paired.difference)
    return replace(
        paired, first_only=paired.second_only, second_only=paired.first_only, difference=difference, over=over
    )


def _opposite(gap: Interval) -> Interval:
    return Interval(0.0 - gap.value, 0.0 - gap.high, 0.0 - gap.low, gap.n)
