"""model/history.csv: the metrics of every epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from warmstart.files.reading import damage
from warmstart.records.table import FloatOrNan, Row


@dataclass(frozen=True)
class EpochMetrics(Row):
    """An epoch, counted from 1, as history.csv has it and summary.json for the kept and the last epoch.

    time: its end, in seconds since 1970. Losses are mean cross-entropies in nats, accuracies in [0, 1]. lr: the
    learning rate. smooth_…: the lesson's running averages of the four curves.
    """

    WHAT: ClassVar[str] = "a history of epochs"
    ORDER: ClassVar[tuple[str, ...]] = (
        *("epoch", "time", "train/loss", "train/acc", "val/loss", "val/acc"),
        *("smooth/train/loss", "smooth/train/acc", "smooth/val/loss", "smooth/val/acc"),
        *("lr", "time/epoch_s", "time/images_per_s"),
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


@dataclass(frozen=True)
class History:
    """epochs: in order, at least one."""

    epochs: Sequence[EpochMetrics]

    @classmethod
    def read(cls, path: str | Path) -> History:
        """Read history.csv. Raises UserError, also where it holds no epoch."""
        epochs = EpochMetrics.read_rows(path)
        if not epochs:
            raise damage(path, "it holds no epoch", EpochMetrics.WHAT)
        return cls(epochs)

    def write(self, path: str | Path) -> None:
        """Write history.csv in one step."""
        EpochMetrics.write_rows(path, self.epochs)

    @property
    def best(self) -> EpochMetrics:
        """The epoch whose network is kept: highest validation accuracy, then lower validation loss, then the first."""
        return max(self.epochs, key=lambda row: (row.val_acc, -row.val_loss, -row.epoch))

    @property
    def last(self) -> EpochMetrics:
        """The last epoch."""
        return self.epochs[-1]
