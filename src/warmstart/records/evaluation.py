"""evaluate/metrics.json: how good a network is on images that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from warmstart.records.base import ABSENT, Record
from warmstart.records.intervals import MetricInterval


@dataclass(frozen=True)
class ReliabilityBin:
    """A bin of confidences: n images, their mean confidence and accuracy."""

    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class SplitMetrics:
    """loss: in nats. auroc: None for more than two classes. ece: in [0, 1]. confusion: true (rows), predicted
    (columns).
    """

    n: int
    accuracy: MetricInterval
    loss: MetricInterval
    auroc: MetricInterval | None
    ece: MetricInterval
    reliability: list[ReliabilityBin]
    confusion: list[list[int]]


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
    that was evaluated. folds, fold_accuracy: None without folds.
    """

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
