"""report/corrections.csv: labels that are probably wrong, for a person to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from warmstart.records.table import PathCell, Row, TextCell, decimals

ThreeDigits = Annotated[float, decimals(3)]


@dataclass(frozen=True)
class SuspectRow(Row):
    """An image. given, suggested: class names. confidence: the suggested class's probability. given_share,
    given_recall: of the given class, in [0, 1]. seen_by: which model suggests it. new_label: empty, for the person.
    What comes back is read by `corrections`, which takes any table with a path and a new label.
    """

    WHAT: ClassVar[str] = "a table of labels"

    path: PathCell
    given: TextCell
    suggested: TextCell
    confidence: ThreeDigits
    given_share: ThreeDigits
    given_recall: ThreeDigits
    seen_by: TextCell
    new_label: TextCell = ""
