"""model/steps.csv: what a training did at each step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from warmstart.records.table import Row


@dataclass(frozen=True)
class StepRow(Row):
    """A batch. step, epoch: counted from 1. lr: the learning rate that it was trained with, of the first group."""

    WHAT: ClassVar[str] = "a table of steps"

    step: int
    epoch: int
    lr: float
    images_per_second: float
