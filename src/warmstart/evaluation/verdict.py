"""From scratch, or warm? The answer in a sentence, computed from the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from warmstart.evaluation.finished import Finished
from warmstart.evaluation.paired import Paired, paired, same_images


@dataclass(frozen=True)
class Verdict:
    """answer: a sentence. reasons: further ones, in order of weight. scratch, transfer: the recipes compared, one per
    family, or None where none has finished. paired: transfer minus scratch.
    """

    answer: str
    reasons: list[str]
    scratch: str | None
    transfer: str | None
    paired: Paired | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        both = {"scratch": self.scratch, "transfer": self.transfer}
        return {"answer": self.answer, "reasons": self.reasons, **both, "paired": self.paired and self.paired.to_dict()}


def best(finished: Sequence[Finished], family: str) -> Finished | None:
    """The recipe of a family with the highest validation accuracy at its kept epoch, ties by lower validation loss.

    Never by test accuracy: the best of several on the test images is flattered by the choice.
    """
    rivals = [f for f in finished if f.family == family]
    return min(rivals, key=lambda f: (-f.summary["kept"]["val/acc"], f.summary["kept"]["val/loss"]), default=None)


def decide(finished: Sequence[Finished], confidence: float) -> Verdict:
    """Compare the best recipe of each family on the test images. ``finished`` holds at least one recipe."""
    scratch, transfer = best(finished, "scratch"), best(finished, "transfer")
    if scratch is None or transfer is None:
        only = scratch or transfer
        assert only is not None
        other = "transfer recipe" if transfer is None else "recipe from scratch"
        answer = (
            f"No verdict yet: no {other} has finished. Best so far on validation: {only.name}, "
            f"right on {_accuracy(only)} of {only.metrics['test']['n']} test images."
        )
        names = (scratch.name if scratch else None, transfer.name if transfer else None)
        return Verdict(answer, _floor(only), *names, None)
    pair = paired(*same_images(transfer.answers, scratch.answers), confidence)
    first, second = (transfer, scratch) if pair.difference.value >= 0 else (scratch, transfer)
    size, low, high = (100 * x for x in (pair.difference.value, pair.difference.low, pair.difference.high))
    if first is scratch:
        size, low, high = -size, -high, -low
    where = f"on the same {pair.n} test images (McNemar {p_text(pair.p)})"
    if pair.beyond_noise:
        advice = "Start warm" if first is transfer else "Train from scratch"
        answer = f"{advice}: {first.name} beats {second.name} by {size:.1f} points [{low:.1f}, {high:.1f}] {where}."
    else:
        answer = (
            f"No difference beyond the noise: {first.name} and {second.name} are {size:.1f} points apart [{low:.1f}, {high:.1f}] {where}."
        )
    reasons = [
        f"{first.name} is right on {_accuracy(first)} of {pair.n} test images, {second.name} on {_accuracy(second)}.",
        *_floor(first),
        _cost(transfer, scratch),
    ]
    return Verdict(answer, reasons, scratch.name, transfer.name, pair)


def p_text(p: float) -> str:
    """A p-value as people write it: ``p = 0.031``, ``p < 0.001``."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def duration(seconds: float) -> str:
    """A time as people say it: ``4.2 s``, ``95 s``, ``2.3 min``, ``48 min``, ``3.1 h``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 600:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _accuracy(recipe: Finished) -> str:
    value, low, high = (100 * recipe.metrics["test"]["accuracy"][key] for key in ("value", "low", "high"))
    return f"{value:.1f} % [{low:.1f}, {high:.1f}]"


def _floor(recipe: Finished) -> list[str]:
    """A warning where the recipe is no better than a guess."""
    majority = recipe.metrics["majority"]
    if recipe.metrics["test"]["accuracy"]["low"] > majority["accuracy"]["value"]:
        return []
    share = 100 * majority["accuracy"]["value"]
    return [f"That is not clearly better than always saying {majority['class']} ({share:.1f} %)."]


def _cost(transfer: Finished, scratch: Finished) -> str:
    warm, cold = transfer.summary, scratch.summary
    after = f", after {warm['starts_from']['recipe']}, from which it starts" if warm.get("starts_from") else ""
    return (
        f"Training took {duration(warm['seconds'])} for {transfer.name} "
        f"({warm['parameters']['trainable']:,} parameters trained{after}) and {duration(cold['seconds'])} "
        f"for {scratch.name} ({cold['parameters']['trainable']:,})."
    )
