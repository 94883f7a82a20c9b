"""What to do now: the recipe to use, the cheapest of those that are not clearly worse than the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from warmstart.comparison.cost import Cost
from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.pairwise import Pairwise
from warmstart.comparison.verdict import Outcome, Question, Verdict
from warmstart.comparison.yardstick import BY_ACCURACY, Yardstick
from warmstart.records.intervals import PairedComparison


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
    than the best. paired: by how much the best is better than ``recipe``, where that is cheaper. cost, best_cost: of
    the two. tie: whether neither scratch nor transfer is clearly better. comparisons: that the tests are corrected for.
    """

    recipe: str
    action: Action
    reason: Reason | None
    best: str
    complete: bool
    as_good: int = 0
    paired: PairedComparison | None = None
    cost: Cost | None = None
    best_cost: Cost | None = None
    tie: bool = False
    comparisons: int = 0


def advise(
    finished: Sequence[FinishedRecipe],
    verdict: Verdict,
    pairwise: Pairwise,
    costs: Mapping[str, Cost],
    *,
    complete: bool,
    by: Yardstick = BY_ACCURACY,
) -> Advice:
    """The recipe to use. costs: by recipe. complete: whether all recipes have finished. by: what compares them.

    A recipe is clearly worse than the best where the corrected test and the interval on the test images both find it,
    where it is the one that the verdict's own test finds worse, or where it alone is not clearly better than guessing.
    Of the others, the one is recommended with the shortest training, that of the recipe it starts from included, then
    with the fewest parameters.
    """
    best = next(recipe for recipe in finished if recipe.name == verdict.best)
    if not by.beats_guessing(best):
        action = Action.COLLECT_PHOTOS if complete else Action.TRAIN_OTHERS
        return Advice(best.name, action, None, best.name, complete)
    beaten = set(verdict.named) - {best.name} if verdict.outcome is Outcome.BETTER else set()
    pairs = {recipe.name: pairwise.between(best.name, recipe.name) for recipe in finished if recipe is not best}
    worse = beaten | {name for name, pair in pairs.items() if pair.clear and pair.paired.difference.value > 0}
    as_good = [
        recipe for recipe in finished if recipe is best or (by.beats_guessing(recipe) and recipe.name not in worse)
    ]
    chosen = min(as_good, key=lambda one: (costs[one.name].seconds, one.summary.parameters.total, one is not best))
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
        paired=pairs[chosen.name].paired if chosen is not best else None,
        cost=costs[chosen.name],
        best_cost=costs[best.name],
        tie=verdict.question is Question.FAMILY and verdict.outcome is Outcome.NO_DIFFERENCE,
        comparisons=len(pairwise.pairs),
    )
