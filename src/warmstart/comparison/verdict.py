"""From scratch, or warm? And where a dataset's recipes are all of one family: which? The answer, computed from the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from warmstart.comparison.finished import Finished
from warmstart.evaluation.read import same_images
from warmstart.statistics.paired_tests import PairedComparison, compare_paired
from warmstart.text.quantities import commonest, count, duration, percent, percent_interval

FAMILIES = "from scratch, or start warm?"
RECIPES = "which recipe?"


@dataclass(frozen=True)
class Verdict:
    """answer: a sentence. reasons: further ones, in order of weight. question: what it answers. named: the recipes that it
    is about, the two compared or the one that is alone. paired: the first of the two minus the second, or None where
    nothing is compared. scratch, transfer: the best of each family, or None where none has finished.
    """

    answer: str
    reasons: list[str]
    question: str
    named: tuple[str, ...]
    scratch: str | None
    transfer: str | None
    paired: PairedComparison | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        words = {"question": self.question, "answer": self.answer, "reasons": self.reasons, "named": list(self.named)}
        both = {"scratch": self.scratch, "transfer": self.transfer}
        return {**words, **both, "paired": self.paired and self.paired.to_dict()}


def leader(finished: Sequence[Finished], verdict: Verdict) -> Finished:
    """The recipe that a verdict about ``finished`` is for: the one that is better beyond the noise, else the best on validation."""
    if verdict.paired and verdict.paired.beyond_noise:
        name = verdict.named[0] if verdict.paired.difference.value > 0 else verdict.named[1]
        return next(f for f in finished if f.name == name)
    first = best([f for f in finished if f.name in verdict.named])
    assert first is not None
    return first


def best(finished: Sequence[Finished]) -> Finished | None:
    """The recipe with the highest validation accuracy at its kept epoch (mean over the folds), ties by lower validation loss; None of none.

    Never by test accuracy: the best of several on the test images is flattered by the choice.
    """
    return min(finished, key=lambda f: (-f.kept["val/acc"], f.kept["val/loss"]), default=None)


def judge(finished: Sequence[Finished], confidence: float, *, complete: bool) -> Verdict:
    """Compare the best recipe of each family on the test images. ``finished`` holds at least one recipe.

    complete: that no other recipe is to come. Where all are of one family, the best is then compared with the first of
    them, or the next best if it is the first.
    """
    scratch, transfer = (best([f for f in finished if f.family == family]) for family in ("scratch", "transfer"))
    names = (scratch.name if scratch else None, transfer.name if transfer else None)
    if scratch and transfer:
        advice = (f"Start warm: {transfer.name}", f"Train from scratch: {scratch.name}")
        answer, reasons, pair = _between(transfer, scratch, advice, confidence)
        return Verdict(answer, reasons, FAMILIES, (transfer.name, scratch.name), *names, pair)
    only = scratch or transfer
    assert only is not None
    right = f"right on {_accuracy(only)} of {count(only.metrics['test']['n'])} {only.tested_on}"
    if not complete:
        other = "recipe from scratch" if transfer else "transfer recipe"
        answer = f"No verdict yet: no {other} has finished. Best so far on validation: {only.name}, {right}."
        return Verdict(answer, _floor(only), FAMILIES, (only.name,), *names, None)
    rival = best([f for f in finished if f is not only]) if only is finished[0] else finished[0]
    if rival is None:
        answer = f"{only.name} is the only recipe, {right}: there is nothing to compare it with."
        return Verdict(answer, _floor(only), RECIPES, (only.name,), *names, None)
    answer, reasons, pair = _between(only, rival, (only.name, rival.name), confidence)
    return Verdict(answer, reasons, RECIPES, (only.name, rival.name), *names, pair)


def _between(
    one: Finished, other: Finished, openings: tuple[str, str], confidence: float
) -> tuple[str, list[str], PairedComparison]:
    """The answer, its reasons and one minus other. openings: how the answer begins if the one wins, if the other does."""
    pair = compare_paired(*same_images(one.answers, other.answers), confidence)
    size, low, high = (100 * x for x in (pair.difference.value, pair.difference.low, pair.difference.high))
    first, second, opening = one, other, openings[0]
    if size < 0:
        first, second, opening = other, one, openings[1]
        size, low, high = -size, -high, -low
    where = f"on the same {count(pair.n)} {one.tested_on}"
    if pair.beyond_noise:
        answer = f"{opening} beats {second.name} by {size:.1f} points [{low:.1f}, {high:.1f}] {where}."
    else:
        answer = f"No difference beyond the noise: {first.name} and {second.name} are {size:.1f} points apart [{low:.1f}, {high:.1f}] {where}."
    reasons = [
        f"{first.name} is right on {_accuracy(first)} of {count(pair.n)} {first.tested_on}, {second.name} on {_accuracy(second)}.",
        *_floor(first),
        f"Training took {_cost(one, ' parameters trained')} and {_cost(other)}.",
    ]
    return answer, reasons, pair


def _accuracy(recipe: Finished) -> str:
    return percent_interval(recipe.metrics["test"]["accuracy"])


def _floor(recipe: Finished) -> list[str]:
    """A warning where the recipe is no better than a guess."""
    if recipe.beats_guessing:
        return []
    majority = recipe.metrics["majority"]
    return [
        f"That is not clearly better than always saying {commonest(majority['classes'])} ({percent(majority['accuracy']['value'])} %)."
    ]


def _cost(recipe: Finished, unit: str = "") -> str:
    summary = recipe.summary
    after = f", after {summary['starts_from']['recipe']}, from which it starts" if summary.get("starts_from") else ""
    time = duration(summary["seconds"]) + (f" in all {recipe.folds} folds" if recipe.folds > 1 else "")
    return f"{time} for {recipe.name} ({summary['parameters']['trainable']:,}{unit}{after})"
