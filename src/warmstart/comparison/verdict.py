"""The verdict: train from scratch or start warm; and which recipe, where all of a dataset's are of one family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.pairwise import Pairwise
from warmstart.comparison.yardstick import BY_ACCURACY, Yardstick, best_on_validation
from warmstart.records.intervals import PairedComparison


class Question(StrEnum):
    """What a verdict answers."""

    FAMILY = "family"  # from scratch, or start warm?
    RECIPE = "recipe"  # which recipe?


class Outcome(StrEnum):
    """What was found."""

    BETTER = "better"  # of the two compared, one is better beyond the noise
    NO_DIFFERENCE = "no_difference"
    FAMILY_MISSING = "family_missing"  # no recipe of the other family has finished yet
    SINGLE_RECIPE = "single_recipe"


@dataclass(frozen=True)
class Verdict:
    """named: the recipes that it is about, two compared or a single one. paired: by how much the first named is better
    than the second, in accuracy unless another metric chooses; None where nothing is compared. ahead: of those named,
    the better one on test images. best: the same where it is better beyond the noise, else the best on validation.
    scratch, transfer: the best of each family on validation, None where none has finished.
    """

    question: Question
    outcome: Outcome
    named: tuple[str, ...]
    ahead: str
    best: str
    scratch: str | None
    transfer: str | None
    paired: PairedComparison | None = None


def compute_verdict(
    finished: Sequence[FinishedRecipe], pairwise: Pairwise, *, complete: bool, by: Yardstick = BY_ACCURACY
) -> Verdict:
    """Compare the best recipe of each family on the test images. ``finished`` holds at least one recipe.

    pairwise: all pairs of them, of which this one is taken without the correction for the others. complete: whether all
    recipes have finished. Where all are of one family, the best is then compared with the first, or with the next best
    if it is the first. by: the metric of the choice.
    """
    scratch, transfer = (
        best_on_validation([recipe for recipe in finished if recipe.family == family], by)
        for family in ("scratch", "transfer")
    )
    families = (scratch.name if scratch else None, transfer.name if transfer else None)
    first = transfer or scratch
    assert first is not None
    if scratch and transfer:
        second: FinishedRecipe | None = scratch
    elif complete and first is finished[0]:
        second = best_on_validation(finished[1:], by)
    else:
        second = finished[0] if complete else None
    question = Question.FAMILY if all(families) or not complete else Question.RECIPE
    if second is None:
        outcome = Outcome.SINGLE_RECIPE if complete else Outcome.FAMILY_MISSING
        return Verdict(question, outcome, (first.name,), first.name, first.name, *families)
    paired = pairwise.between(first.name, second.name).paired
    ahead = first if paired.difference.value >= 0 else second
    best: FinishedRecipe | None = ahead
    if not paired.beyond_noise:
        best = best_on_validation([recipe for recipe in finished if recipe.name in (first.name, second.name)], by)
    assert best is not None
    outcome = Outcome.BETTER if paired.beyond_noise else Outcome.NO_DIFFERENCE
    return Verdict(question, outcome, (first.name, second.name), ahead.name, best.name, *families, paired)
