"""report/thresholds.csv: what other thresholds would do, on validation images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from warmstart.records.table import Row, TextCell


@dataclass(frozen=True)
class ThresholdRow(Row):
    """Of n validation images, where those are predicted as ``positive`` whose probability of it is above ``threshold``.

    packaged: whether this is the threshold of the package. predicted: how many are predicted as it. precision: None
    where none is; recall: None without images of the class. All with Wilson's interval.
    """

    WHAT: ClassVar[str] = "a table of thresholds"

    recipe: TextCell
    positive: TextCell
    threshold: float
    packaged: bool
    n: int
    predicted: int
    precision: float | None
    precision_low: float | None
    precision_high: float | None
    recall: float | None
    recall_low: float | None
    recall_high: float | None
    accuracy: float
    accuracy_low: float
    accuracy_high: float
