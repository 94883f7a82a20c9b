"""Small Lightning callbacks of every training: random numbers, log lines and interrupts."""

from __future__ import annotations

import logging
from typing import Any

import pytorch_lightning as pl
import torch

from warmstart.runtime.interrupts import check
from warmstart.training.history import HistoryRecorder
from warmstart.training.messages import EPOCH, repeat_prefix, selection_note
from warmstart.training.repeats import Repeat
from warmstart.training.time_estimate import TimeEstimate

log = logging.getLogger(__name__)


class EpochSeed(pl.Callback):
    """Seeds PyTorch in each epoch, so that a resumed training draws the same numbers as an uninterrupted one."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Seed before the first batch, after the loader has drawn its own numbers."""
        if batch_idx == 0:
            torch.manual_seed((self.seed << 20) + trainer.current_epoch)


class InterruptCheck(pl.Callback):
    """Ends a training that was asked to end while a library swallowed the exception."""

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Raise Interrupted in that case."""
        check()


class EpochLog(pl.Callback):
    """Logs a line per epoch and the time that is left.

    repeat: which of the trainings of the recipe. patience: of early stopping.
    """

    def __init__(self, recorder: HistoryRecorder, repeat: Repeat, patience: int | None) -> None:
        self.recorder, self.time_estimate, self.repeat = recorder, TimeEstimate(patience, repeat), repeat

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """Start the clock."""
        self.time_estimate.on_epoch_start()

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Log the expected time, and the progress in a long epoch."""
        self.time_estimate.on_batch_end(
            batch_idx, trainer.num_training_batches, trainer.current_epoch, trainer.max_epochs, self._durations()
        )

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Log the epoch."""
        history = self.recorder.history
        last = history.last
        left = self.time_estimate.on_epoch_end(trainer.num_training_batches, trainer.max_epochs, self._durations())
        log.info(
            EPOCH, repeat_prefix(self.repeat), last.epoch, trainer.max_epochs, 100 * last.train_acc,
            last.train_loss, 100 * last.val_acc, last.val_loss, selection_note(history), last.epoch_seconds,
            last.images_per_second, "  kept" if history.best is last else "", f"  {left}" if left else "",
        )  # fmt: skip

    def _durations(self) -> list[float]:
        return [epoch.epoch_seconds for epoch in self.recorder.epochs]
