"""report/slices.csv: the accuracy of each recipe on parts of the test images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from warmstart.records.table import Row, TextCell


@dataclass(frozen=True)
class SliceRow(Row):
    """The images of one class, with one value of a property, or with values from ``low`` to ``high`` of one that is a
    number (else None); ``right`` of its n are. quarter: 1 (the lowest values) to 4 where the values make four bins.

    The accuracy has Wilson's interval. difference: to the accuracy on all other images, with Newcombe's interval. p: of
    Fisher's exact test; p_corrected: for all slices of the recipe; both None, as the difference, where n is too small
    to be tested. clear: whether test and interval both say that there is a difference. spurious: whether the property
    gives the class away, by the audit.
    """

    WHAT: ClassVar[str] = "a table of slices"

    recipe: TextCell
    property: TextCell
    value: TextCell
    quarter: int | None
    low: float | None
    high: float | None
    n: int
    right: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    p: float | None
    p_corrected: float | None
    clear: bool
    spurious: bool
