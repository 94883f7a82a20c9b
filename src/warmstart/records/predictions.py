"""evaluate/predictions.csv and evaluate/out_of_fold.csv: what a network predicts for each image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from warmstart.records.images import Split
from warmstart.records.table import PathCell, Row, decimals

SixDigits = Annotated[float, decimals(6)]


@dataclass(frozen=True)
class PredictionRow(Row):
    """An image of validation or test. row: place in the array of its split. label, predicted: class indices. p:
    probability of the predicted class, p_true: of the label, loss: its cross-entropy in nats.
    """

    WHAT: ClassVar[str] = "a table of predictions"

    split: Split
    row: int
    path: PathCell
    label: int
    predicted: int
    p: SixDigits
    p_true: SixDigits
    loss: SixDigits

    @property
    def wrong(self) -> bool:
        """Whether the predicted class is not the label."""
        return self.predicted != self.label


@dataclass(frozen=True)
class SeedPredictionRow(PredictionRow):
    """A test image, predicted by the network of one of several seeds."""

    seed: int


@dataclass(frozen=True)
class OutOfFoldRow(PredictionRow):
    """Any image, predicted by the network of the fold that tests on it."""

    fold: int
