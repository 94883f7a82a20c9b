"""The classes that a recipe takes for each other most often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warmstart.statistics.intervals import CONFIDENCE, Interval
from warmstart.statistics.proportions import wilson_interval

MAX_PAIRS = 5


@dataclass(frozen=True)
class ConfusedPair:
    """``wrong`` images of the class ``true`` were predicted as ``predicted``; share: of all images of ``true``, with
    Wilson's interval.
    """

    true: str
    predicted: str
    wrong: int
    share: Interval


def most_confused(
    confusion: Sequence[Sequence[int]], classes: Sequence[str], confidence: float = CONFIDENCE, most: int = MAX_PAIRS
) -> list[ConfusedPair]:
    """The pairs with the most mistakes, at most ``most``; of equal ones, the larger share first. confusion: true
    (rows), predicted (columns).
    """
    pairs = [
        ConfusedPair(classes[true], classes[predicted], wrong, wilson_interval(wrong, sum(row), confidence))
        for true, row in enumerate(confusion)
        for predicted, wrong in enumerate(row)
        if wrong and true != predicted
    ]
    return sorted(pairs, key=lambda pair: (-pair.wrong, -pair.share.value))[:most]
