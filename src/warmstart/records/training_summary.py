"""model/summary.json, model/folds/<f>/summary.json and model/seeds/<s>/summary.json: a training in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from pydantic import Field

from warmstart.config.selection import ACCURACY
from warmstart.records.base import ABSENT, Record
from warmstart.records.history import (
    Auroc,
    AveragePrecision,
    BalancedAccuracy,
    Brier,
    EpochMetrics,
    MacroF1,
    ValidationScores,
)
from warmstart.records.run_identity import Family, StartCheckpoint


@dataclass(frozen=True)
class ParameterCounts:
    """Parameters of a network."""

    total: int
    trainable: int


@dataclass(frozen=True)
class TrainingCounts:
    """Images that a network was trained and validated on."""

    train: int
    val: int


@dataclass(frozen=True)
class CurveMeans(ValidationScores):
    """Means over folds, each weighted by the images that it was measured on, or over seeds; or their deviations.
    val_balanced_accuracy and so on: see ``EpochMetrics``.
    """

    train_loss: Annotated[float, Field(alias="train/loss")]
    train_acc: Annotated[float, Field(alias="train/acc")]
    val_loss: Annotated[float, Field(alias="val/loss")]
    val_acc: Annotated[float, Field(alias="val/acc")]
    val_balanced_accuracy: BalancedAccuracy = None
    val_auroc: Auroc = None
    val_average_precision: AveragePrecision = None
    val_f1: MacroF1 = None
    val_brier: Brier = None


@dataclass(frozen=True)
class FoldMeans:
    """Over all folds, or all seeds: of the kept epochs, and of the last ones."""

    kept: CurveMeans
    last: CurveMeans


@dataclass(frozen=True)
class SeedSummary(Record):
    """The training with one of several seeds. seconds: of training."""

    seed: int
    epochs: int
    kept_epoch: int
    kept: EpochMetrics
    last: EpochMetrics
    seconds: float


@dataclass(frozen=True)
class FoldSummary(Record):
    """One fold, numbered from 0. seconds: of training. ridge: the penalty that was chosen; None where none was."""

    fold: int
    epochs: int
    kept_epoch: int
    kept: EpochMetrics
    last: EpochMetrics
    seconds: float
    n: TrainingCounts
    ridge: Annotated[float | None, ABSENT] = None


@dataclass(frozen=True)
class TrainingSummary(Record):
    """Of fold 0, except seconds and images_seen, which are of all folds; with several seeds all of the first.

    epochs: how many there were. kept_epoch: the one whose network is kept, from 1. images_per_s: median over epochs.
    images_seen: how many images all epochs trained on, an image that came again counted again.
    starts_from: None for a network that starts from random or published weights. folds: None without folds.
    seeds, std: of several seeds, else None; std: the standard deviation of the kept epochs' figures over the seeds.
    mean: over folds or seeds; None with neither.
    phase: what was trained, as `config.schema.Recipe` has it. network: its specification, as the checkpoint has it.
    ridge: the penalty that was chosen on validation; None where none was. select_by: the metric that kept the epoch, of
    those in `config.selection`; None in files of earlier versions, which is accuracy.
    """

    FORMAT: ClassVar[int] = 3

    recipe: str
    title: str
    family: Family
    epochs: int
    kept_epoch: int
    kept: EpochMetrics
    last: EpochMetrics
    parameters: ParameterCounts
    seconds: float
    images_per_s: float
    starts_from: StartCheckpoint | None
    n: TrainingCounts
    folds: Annotated[list[FoldSummary] | None, ABSENT] = None
    mean: Annotated[FoldMeans | None, ABSENT] = None
    ridge: Annotated[float | None, ABSENT] = None
    seeds: Annotated[list[SeedSummary] | None, ABSENT] = None
    std: Annotated[CurveMeans | None, ABSENT] = None
    select_by: Annotated[str | None, ABSENT] = None
    images_seen: int = field(kw_only=True)
    phase: str = field(kw_only=True)
    network: dict[str, Any] = field(kw_only=True)
    precision: str = field(kw_only=True)
    device: str = field(kw_only=True)

    @property
    def seed_numbers(self) -> list[int]:
        """The seeds that it was trained with, in order; empty where there is one."""
        return [one.seed for one in self.seeds or ()]

    @property
    def selected_by(self) -> str:
        """The metric that kept the epoch."""
        return self.select_by or ACCURACY
