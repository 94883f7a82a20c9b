"""sweep.json and job.json: a sweep, and what became of each of its jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from warmstart.config.selection import ACCURACY, SELECTABLE, SelectionMetric
from warmstart.records.base import ABSENT, Record
from warmstart.records.run_identity import RunStatus


@dataclass(frozen=True)
class Sweep(Record):
    """key: by which MLflow knows it. stamp: the name of its folder. overrides: ``key=value`` words. created, ended: in
    seconds since 1970; ended is None while it runs, and where it was killed.
    """

    key: str
    stamp: str
    overrides: list[str]
    created: float
    status: RunStatus
    ended: float | None


@dataclass(frozen=True)
class SweepJob(Record):
    """number: from 0, as the folder's name. overrides: ``key=value`` words. value: of the kept epoch on validation, in
    the metric ``select_by``, None for a stage that has none. error: why it failed, in one line; None where it did not.
    select_by: None in files of earlier versions, which is accuracy.
    """

    number: int
    overrides: list[str]
    value: float | None = None
    error: str | None = None
    select_by: Annotated[str | None, ABSENT] = None

    @property
    def metric(self) -> SelectionMetric:
        """What the value is."""
        return SELECTABLE[self.select_by or ACCURACY]
