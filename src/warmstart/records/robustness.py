"""evaluate/robustness.json and robustness.csv: how often a packaged model is right on corrupted test images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from warmstart.records.base import Record
from warmstart.records.intervals import MetricInterval
from warmstart.records.table import PathCell, Row, TextCell

ROBUSTNESS, ROBUSTNESS_TABLE = "robustness.json", "robustness.csv"  # in evaluate/
CLEAN = "none"  # the corruption of the images as they are, at severity 0


@dataclass(frozen=True)
class CorruptedAccuracy:
    """accuracy: under one corruption at one severity, with Wilson's interval."""

    corruption: str
    severity: int
    accuracy: MetricInterval


@dataclass(frozen=True)
class Robustness(Record):
    """Of n test images, the same for all recipes. size: their side in pixels. clean: the accuracy on these as they are.
    mean: that over all corruptions and severities; its interval draws images anew. seed: of the noise and of the
    choice of images.
    """

    n: int
    size: int
    seed: int
    clean: MetricInterval
    mean: MetricInterval
    corrupted: list[CorruptedAccuracy]

    def of(self, corruption: str) -> list[CorruptedAccuracy]:
        """One corruption, by severity."""
        return sorted((one for one in self.corrupted if one.corruption == corruption), key=lambda one: one.severity)


@dataclass(frozen=True)
class RobustRecipe:
    """One recipe of a comparison. loss: ``clean`` minus ``mean``, of the same images."""

    recipe: str
    clean: MetricInterval
    mean: MetricInterval
    loss: MetricInterval


@dataclass(frozen=True)
class LossPair:
    """Two recipes. difference: how much more accuracy the second loses, in [-2, 2]. p: corrected for the number of
    pairs. clear: whether that and the interval both say that they differ.
    """

    first: str
    second: str
    difference: MetricInterval
    p: float
    clear: bool


@dataclass(frozen=True)
class RobustnessRecord:
    """The part of report/table.json about corruptions, on n images. recipes: in the order of the list. pairs: of those
    that are clearly better than guessing, each with the one that loses less first. sentences: which loses least.
    """

    n: int
    recipes: list[RobustRecipe]
    pairs: list[LossPair]
    sentences: list[str]


@dataclass(frozen=True)
class CorruptedRow(Row):
    """The answer to a test image under a corruption. label, predicted: class indices."""

    WHAT: ClassVar[str] = "a table of answers to corrupted images"

    path: PathCell
    corruption: TextCell
    severity: int
    label: int
    predicted: int
