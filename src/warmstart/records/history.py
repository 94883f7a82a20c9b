"""model/history.csv: the metrics of every epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from warmstart.config.selection import ACCURACY, SELECTABLE
from warmstart.files.reading import damage
from warmstart.records.table import FloatOrNan, Row


class ValidationScores:
    """The metric that keeps the epoch, of those in `config.selection`; others than accuracy and loss are None unless
    they are that metric.
    """

    def score(self, metric: str) -> float:
        """The value of a metric. Raises ValueError where it was not measured."""
        value = getattr(self, {ACCURACY: "val_acc"}.get(metric, f"val_{metric}"))
        if value is None:
            raise ValueError(f"{metric} was not measured")
        return float(value)


def _measured_if_selected(name: str) -> Any:
    """For a field with the default None: the file has no such key where the value is None."""
    return Field(alias=name, exclude_if=lambda value: value is None)


BalancedAccuracy = Annotated[float | None, _measured_if_selected("val/balanced_accuracy")]
Auroc = Annotated[float | None, _measured_if_selected("val/auroc")]
AveragePrecision = Annotated[float | None, _measured_if_selected("val/average_precision")]
MacroF1 = Annotated[float | None, _measured_if_selected("val/f1")]
Brier = Annotated[float | None, _measured_if_selected("val/brier")]


@dataclass(frozen=True)
class EpochMetrics(ValidationScores, Row):
    """An epoch, counted from 1, as history.csv has it and summary.json for the kept and the last epoch.

    time: its end, in seconds since 1970. Losses are mean cross-entropies in nats, accuracies in [0, 1]. lr: the
    learning rate. smooth_…: the lesson's running averages of the four curves. val_balanced_accuracy and so on: None
    unless ``select_by`` names it.
    """

    WHAT: ClassVar[str] = "a history of epochs"
    ORDER: ClassVar[tuple[str, ...]] = (
        *("epoch", "time", "train/loss", "train/acc", "val/loss", "val/acc"),
        *("smooth/train/loss", "smooth/train/acc", "smooth/val/loss", "smooth/val/acc"),
        *("lr", "time/epoch_s", "time/images_per_s"),
    )
    OPTIONAL: ClassVar[tuple[str, ...]] = (
        *("val/balanced_accuracy", "val/auroc", "val/average_precision", "val/f1", "val/brier"),
    )

    epoch: int
    time: FloatOrNan
    train_loss: Annotated[FloatOrNan, Field(alias="train/loss")]
    train_acc: Annotated[FloatOrNan, Field(alias="train/acc")]
    val_loss: Annotated[FloatOrNan, Field(alias="val/loss")]
    val_acc: Annotated[FloatOrNan, Field(alias="val/acc")]
    lr: FloatOrNan
    epoch_seconds: Annotated[FloatOrNan, Field(alias="time/epoch_s")]
    images_per_second: Annotated[FloatOrNan, Field(alias="time/images_per_s")]
    smooth_train_loss: Annotated[FloatOrNan, Field(alias="smooth/train/loss")]
    smooth_train_acc: Annotated[FloatOrNan, Field(alias="smooth/train/acc")]
    smooth_val_loss: Annotated[FloatOrNan, Field(alias="smooth/val/loss")]
    smooth_val_acc: Annotated[FloatOrNan, Field(alias="smooth/val/acc")]
    val_balanced_accuracy: BalancedAccuracy = None
    val_auroc: Auroc = None
    val_average_precision: AveragePrecision = None
    val_f1: MacroF1 = None
    val_brier: Brier = None


@dataclass(frozen=True)
class History:
    """epochs: in order, at least one. select_by: the metric that keeps one, of those in `config.selection`."""

    epochs: Sequence[EpochMetrics]
    select_by: str = ACCURACY

    @classmethod
    def read(cls, path: str | Path, select_by: str = ACCURACY) -> History:
        """Read history.csv. Raises UserError, also where it holds no epoch, or where the metric was not measured."""
        epochs = EpochMetrics.read_rows(path)
        if not epochs:
            raise damage(path, "it holds no epoch", EpochMetrics.WHAT)
        try:
            for epoch in epochs:
                epoch.score(select_by)
        except ValueError as error:
            raise damage(path, str(error), EpochMetrics.WHAT) from None
        return cls(epochs, select_by)

    def write(self, path: str | Path) -> None:
        """Write history.csv in one step."""
        EpochMetrics.write_rows(path, self.epochs)

    @property
    def best(self) -> EpochMetrics:
        """The epoch whose network is kept: the best by ``select_by``, then lower validation loss, then the first."""
        better = SELECTABLE[self.select_by].oriented
        return max(self.epochs, key=lambda row: (better(row.score(self.select_by)), -row.val_loss, -row.epoch))

    @property
    def last(self) -> EpochMetrics:
        """The last epoch."""
        return self.epochs[-1]
