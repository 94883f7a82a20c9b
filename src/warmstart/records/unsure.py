"""The confidence below which an answer is marked as unsure, and how often it is and how right the others are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from warmstart.records.base import ABSENT
from warmstart.records.intervals import Interval

# What is at most the target on the validation images that are not marked: the upper end of Wilson's interval of the
# error rate, or, where there are too few images for that, the error rate itself.
UnsureRule = Literal["upper_bound", "observed"]


@dataclass(frozen=True)
class MarkedImages:
    """Of a set of images. marked: the share that is marked, n: all. error: of the others, n: the others; None where
    there are none.
    """

    marked: Interval
    error: Interval | None


@dataclass(frozen=True)
class UnsureLimit:
    """target: the error rate that the answers without a mark keep to. limit: the confidence, in [0, 1], below which an
    answer is marked; None where there is no such limit, for the reason ``none``, and nothing is marked. rule,
    validation: of the limit, on the validation images that it was chosen on; None without a limit.
    """

    target: float
    limit: float | None
    rule: Annotated[UnsureRule | None, ABSENT] = None
    validation: Annotated[MarkedImages | None, ABSENT] = None
    none: Annotated[str | None, ABSENT] = None

    def marks(self, confidence: float) -> bool | None:
        """Whether an answer of this confidence is marked; None where there is no limit."""
        return None if self.limit is None else confidence < self.limit


@dataclass(frozen=True)
class UnsureMetrics:
    """The limit of a packaged model, and what it marks of the test images, which had no part in its choice; with folds,
    of those of fold 0, whose network is packaged. test: None without a limit.
    """

    chosen: UnsureLimit
    test: Annotated[MarkedImages | None, ABSENT] = None
