"""The history of a training: the metrics of every epoch, counted from 1, raw and smoothed."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import pytorch_lightning as pl

from warmstart.config.selection import ACCURACY
from warmstart.errors import UserError
from warmstart.records.history import EpochMetrics, History
from warmstart.training.messages import LOSS_NOT_FINITE
from warmstart.training.observer import Observer

HISTORY_FILE = "history.csv"
CURVES = ("train/loss", "train/acc", "val/loss", "val/acc")
SMOOTHING = 0.8


def smoothed_curves(curves: Mapping[str, float], before: EpochMetrics | None) -> dict[str, float]:
    """The lesson's running averages, by field of EpochMetrics: 0.8 × the average before + 0.2 × the new value.

    curves: the values of an epoch by the names in ``CURVES``. before: the last epoch; without one, the values are
    their own averages.
    """
    out = {}
    for key in CURVES:
        name = f"smooth_{key.replace('/', '_')}"
        value = curves[key]
        out[name] = value if before is None else SMOOTHING * getattr(before, name) + (1 - SMOOTHING) * value
    return out


class HistoryRecorder(pl.callbacks.Checkpoint):
    """Records the metrics of each epoch; writes ``history.csv`` and notifies the observer.

    An epoch is added at the end of its validation, and written when the checkpoints of the epoch are: so the file is
    never ahead of the resume checkpoint, which holds the epochs too. images_per_epoch: for the rate. select_by: the
    metric that keeps an epoch.
    """

    def __init__(self, state_dir: Path, observer: Observer, images_per_epoch: int, select_by: str = ACCURACY) -> None:
        self.path, self.observer, self.images_per_epoch = state_dir / HISTORY_FILE, observer, images_per_epoch
        self.select_by = select_by
        self.epochs: list[EpochMetrics] = []
        self._started = self._trained = self._lr = 0.0

    @property
    def history(self) -> History:
        """The epochs so far."""
        return History(self.epochs, self.select_by)

    def state_dict(self) -> dict[str, Any]:
        """The epochs, for the resume checkpoint."""
        return {"epochs": [asdict(epoch) for epoch in self.epochs]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue the history of an interrupted training."""
        self.epochs = load_epochs(state_dict)
        self.write()

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """Start the clock."""
        self._started = time.perf_counter()

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Note the learning rate, which a scheduler changes after the step."""
        self._lr = float(trainer.optimizers[0].param_groups[0]["lr"])

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        """The training part of the epoch is over."""
        self._trained = time.perf_counter()

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Add the epoch. Raises UserError for metrics that are not finite."""
        number, curves = trainer.current_epoch + 1, {key: pl_module.metrics[key] for key in CURVES}
        selected = f"val/{self.select_by}"
        scores = {f"val_{self.select_by}": pl_module.metrics[selected]} if selected in EpochMetrics.OPTIONAL else {}
        epoch = EpochMetrics(
            epoch=number,
            time=time.time(),
            **{key.replace("/", "_"): value for key, value in curves.items()},
            lr=self._lr,
            epoch_seconds=time.perf_counter() - self._started,
            images_per_second=self.images_per_epoch / max(self._trained - self._started, 1e-9),
            **smoothed_curves(curves, self.epochs[-1] if self.epochs else None),
            **scores,
        )
        if not all(math.isfinite(value) for value in astuple(epoch) if value is not None):
            raise UserError(LOSS_NOT_FINITE.format(number))
        self.epochs.append(epoch)

    def write(self) -> None:
        """Write the file."""
        self.history.write(self.path)
        self.observer.on_epoch_end()


def load_epochs(state_dict: Mapping[str, Any]) -> list[EpochMetrics]:
    """The epochs in the state of a HistoryRecorder."""
    return [EpochMetrics(**epoch) for epoch in state_dict["epochs"]]
