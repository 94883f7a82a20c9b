"""What to do now: the recipe to use, the cheapest of those that are not clearly worse than the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from warmstart.comparison.finished import FinishedRecipe
from warmstart.evaluation.prediction_table import pair_correct
from warmstart.records.intervals import PairedComparison
from warmstart.statistics.paired_tests import compare_paired


class Action(StrEnum):
    """What to do now."""

    USE = "use"
    COLLECT_PHOTOS = "collect_photos"  # no recipe is clearly better than the majority class
    TRAIN_OTHERS = "train_others"  # the same, and other recipes have not finished


class Reason(StrEnum):
    """Why a recipe is the one to use."""

    SINGLE_RECIPE = "single_recipe"
    CHEAPER = "cheaper"  # than the best, and not clearly worse
    NONE_CHEAPER = "none_cheaper"  # it is the best, and others that are not clearly worse cost more
    NONE_AS_GOOD = "none_as_good"  # it is the best, and all others are clearly worse


@dataclass(frozen=True)
class Advice:
    """recipe: the one to use, also of `predict best`. reason: None unless the action is to use it. best: the recipe
    that the verdict is for. complete: whether all recipes have finished. as_good: how many others are not clearly worse
    than the best. paired: accuracy of the best minus that of ``recipe``, where that is cheaper. seconds, best_seconds:
    their training times, those of the recipes they start from included.
    """

    recipe: str
    action: Action
    reason: Reason | None
    best: str
    complete: bool
    as_good: int = 0
    paired: PairedComparison | None = None
    seconds: float = 0.0
    best_seconds: float = 0.0


def advise(finished: Sequence[FinishedRecipe], best: FinishedRecipe, confidence: float, *, complete: bool) -> Advice:
    """best: of ``finished``, the one that the verdict is for. complete: whether all recipes have finished.

    A recipe is clearly worse than the best where the paired test and the interval on the test images both find it, or
    where it alone is not clearly better than the majority class. Of the others, the one is recommended with the
    shortest training, that of the recipe it starts from included, then with the fewest parameters.
    """
    if not best.beats_majority:
        action = Action.COLLECT_PHOTOS if complete else Action.TRAIN_OTHERS
        return Advice(best.name, action, None, best.name, complete)
    pairs = {
        recipe.name: compare_paired(*pair_correct(best.predictions, recipe.predictions), confidence)
        for recipe in finished
        if recipe is not best
    }
    as_good = [
        recipe
        for recipe in finished
        if recipe is best or (recipe.beats_majority and not _second_is_worse(pairs[recipe.name]))
    ]
    seconds = {recipe.name: training_seconds(recipe, finished) for recipe in finished}
    chosen = min(as_good, key=lambda one: (seconds[one.name], one.summary.parameters.total, one is not best))
    if len(finished) == 1:
        reason = Reason.SINGLE_RECIPE
    elif chosen is not best:
        reason = Reason.CHEAPER
    else:
        reason = Reason.NONE_CHEAPER if len(as_good) > 1 else Reason.NONE_AS_GOOD
    return Advice(
        recipe=chosen.name,
        action=Action.USE,
        reason=reason,
        best=best.name,
        complete=complete,
        as_good=len(as_good) - 1,
        paired=pairs.get(chosen.name),
        seconds=seconds[chosen.name],
        best_seconds=seconds[best.name],
    )


def training_seconds(recipe: FinishedRecipe, finished: Sequence[FinishedRecipe]) -> float:
    """Training time, with that of the recipe it starts from where that has finished."""
    start = recipe.summary.starts_from
    before = next((other for other in finished if start and other.name == start.recipe), None)
    earlier = training_seconds(before, finished) if before and before is not recipe else 0.0
    return recipe.summary.seconds + earlier


def _second_is_worse(pair: PairedComparison) -> bool:
    return pair.beyond_noise and pair.difference.value > 0
