"""evaluate/metrics.json: how good a network is on images that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from warmstart.records.base import ABSENT, Record
from warmstart.records.intervals import MetricInterval
from warmstart.records.metrics import ClassMetrics, Measured
from warmstart.records.seed_metrics import SeedMetrics
from warmstart.records.unsure import UnsureMetrics


@dataclass(frozen=True)
class ReliabilityBin:
    """A bin of confidences: n images, their mean confidence and accuracy."""

    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class SplitMetrics:
    """Of n images. metrics: by key of the registry, accuracy always among them. per_class: in the order of the classes.
    confusion: true (rows), predicted (columns).
    """

    n: int
    metrics: dict[str, Measured]
    per_class: list[ClassMetrics]
    reliability: list[ReliabilityBin]
    confusion: list[list[int]]

    @property
    def accuracy(self) -> MetricInterval:
        """The accuracy, which every split has."""
        accuracy = self.metrics["accuracy"]
        assert isinstance(accuracy, MetricInterval)
        return accuracy

    def interval(self, key: str) -> MetricInterval | None:
        """A metric with its interval, None where it is undefined or was not measured."""
        measured = self.metrics.get(key)
        return measured if isinstance(measured, MetricInterval) else None


@dataclass(frozen=True)
class AsTrained:
    """Metrics at temperature 1 and without a threshold."""

    test: SplitMetrics


@dataclass(frozen=True)
class MajorityClass:
    """What predicting the most frequent class of training scores; with folds, those classes, in order."""

    classes: list[str]
    n: int
    accuracy: MetricInterval


@dataclass(frozen=True)
class FoldAccuracy:
    """Of one fold's network on the n images that the fold tests on."""

    fold: int
    n: int
    accuracy: MetricInterval
    temperature: float
    threshold: float | None


@dataclass(frozen=True)
class EvaluationMetrics(Record):
    """val: as trained. test: as packaged, with temperature and threshold; with folds, of all images out of fold.
    val_is, test_is: the same in words. threshold: None for more than two classes. checkpoint: sha256 of the model.ckpt
    that was evaluated. folds, fold_accuracy: None without folds. unsure: None where ``evaluate.unsure_error`` is null,
    and in files of earlier versions. seeds: of several seeds, whose first network all else is of; None with one.
    """

    FORMAT: ClassVar[int] = 2

    val: SplitMetrics
    val_is: str
    test: SplitMetrics
    test_is: str
    as_trained: AsTrained
    majority: MajorityClass
    temperature: float
    threshold: float | None
    precision: str
    device: str
    checkpoint: str
    folds: Annotated[int | None, ABSENT] = None
    fold_accuracy: Annotated[list[FoldAccuracy] | None, ABSENT] = None
    unsure: Annotated[UnsureMetrics | None, ABSENT] = None
    seeds: Annotated[SeedMetrics | None, ABSENT] = None
