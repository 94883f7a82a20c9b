"""What to do now: the recipe to use, the cheapest of those that cannot be told apart from the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warmstart.comparison.finished import Finished
from warmstart.evaluation.read import same_images
from warmstart.statistics.paired_tests import PairedComparison, compare_paired
from warmstart.text.quantities import commonest, count, duration


@dataclass(frozen=True)
class Advice:
    """recipe: the one to use, which `predict best` asks. sentence: what to do now, and why."""

    recipe: str
    sentence: str


def advise(finished: Sequence[Finished], best: Finished, confidence: float, *, complete: bool) -> Advice:
    """best: of ``finished``, the one that the verdict is for. complete: that no other recipe is to come.

    A recipe is told apart from the best where the paired test and the interval on the test images both say so, or where it alone is not
    clearly better than guessing. Of the others the one is recommended whose training takes the least time, that of the recipe it starts
    from included, then the one of fewer parameters.
    """
    if not best.beats_guessing:
        do = "collect more photos, or look at their labels" if complete else "train the other recipes"
        guess = commonest(best.metrics["majority"]["classes"])
        return Advice(best.name, f"{do}: {best.name} is not clearly better than always saying {guess}.")
    pairs = {
        f.name: compare_paired(*same_images(best.answers, f.answers), confidence) for f in finished if f is not best
    }
    equal = [f for f in finished if f is best or (f.beats_guessing and not _behind(pairs[f.name]))]
    chosen = min(equal, key=lambda f: (_seconds(f, finished), f.summary["parameters"]["total"], f is not best))
    others = len(equal) - 1
    if len(finished) == 1:
        why = ", the only recipe" + ("" if complete else " that has finished")
    elif chosen is not best:
        why = f": {_no_worse(pairs[chosen.name], best)}, and takes {_dearer(best, chosen, finished)}"
    elif others:
        why = f": {_plural(others)} cannot be told apart from it, and none is cheaper to train"
    else:
        why = ": none of the others is as good"
    more = "" if complete or len(finished) == 1 else "; other recipes have not finished yet"
    sentence = f"use {chosen.name}{why}{more}."
    return Advice(chosen.name, sentence)


def _behind(pair: PairedComparison) -> bool:
    """Whether the second of a pair is worse beyond the noise."""
    return pair.beyond_noise and pair.difference.value > 0


def _no_worse(pair: PairedComparison, best: Finished) -> str:
    """What the best has over a cheaper recipe. pair: the best first."""
    size, low, high = (100 * x for x in (pair.difference.value, pair.difference.low, pair.difference.high))
    where = f"on the same {count(pair.n)} {best.tested_on}"
    if size > 0:
        return f"{best.name} is {size:.1f} points better {where} [{low:.1f}, {high:.1f}], which may be chance"
    return f"{best.name} is not better {where} ({size:.1f} points [{low:.1f}, {high:.1f}])".replace("(-0.0", "(0.0")


def _dearer(best: Finished, chosen: Finished, finished: Sequence[Finished]) -> str:
    """What the best costs more than a cheaper recipe: training time or, where that is the same, parameters."""
    more, less = (duration(_seconds(f, finished)) for f in (best, chosen))
    if more != less:
        return f"{more} to train instead of {less}"
    more, less = (count(f.summary["parameters"]["total"]) for f in (best, chosen))
    return f"{more} parameters instead of {less}"


def _seconds(recipe: Finished, finished: Sequence[Finished]) -> float:
    """Training time (s), with that of the recipe it starts from where that has finished."""
    start = (recipe.summary.get("starts_from") or {}).get("recipe")
    before = next((f for f in finished if f.name == start), None)
    return float(recipe.summary["seconds"]) + (_seconds(before, finished) if before and before is not recipe else 0.0)


def _plural(number: int) -> str:
    return "one other recipe" if number == 1 else f"{number} other recipes"
