"""Metrics of one recipe, and of all recipes of a comparison, by the keys of the registry of metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from warmstart.records.intervals import MetricInterval
from warmstart.records.table import Row, TextCell

# ``%`` and ``points``: a share in [0, 1], shown times 100. ``nats``, and no unit: shown as it is.
Unit = Literal["%", "points", "nats", ""]
IntervalMethod = Literal["wilson", "bootstrap"]


@dataclass(frozen=True)
class UndefinedMetric:
    """A metric that these images do not define. reason: in a few words."""

    reason: str
    value: None = None


Measured = MetricInterval | UndefinedMetric


@dataclass(frozen=True)
class ClassMetrics:
    """Of one class against the rest: n images of it, how many were predicted as it. precision, recall: with Wilson's
    interval, None without such images. f1: with a bootstrap interval, None without images of the class.
    """

    n: int
    predicted: int
    precision: MetricInterval | None
    recall: MetricInterval | None
    f1: MetricInterval | None


@dataclass(frozen=True)
class ComparedMetric:
    """A metric of all recipes, by name, on the test images: as packaged, and as trained."""

    key: str
    title: str
    unit: Unit
    higher_is_better: bool
    definition: str
    interval: IntervalMethod
    packaged: dict[str, Measured]
    as_trained: dict[str, Measured]


@dataclass(frozen=True)
class MetricRow(Row):
    """A line of report/metrics.csv. as_trained: whether of the network as trained, or as packaged. reason: why there is
    no value.
    """

    WHAT: ClassVar[str] = "a table of metrics"

    recipe: TextCell
    metric: TextCell
    title: TextCell
    unit: TextCell
    as_trained: bool
    n: int
    value: float | None
    low: float | None
    high: float | None
    reason: TextCell | None = None
