"""Early stopping that an interruption does not change: a resumed training stops in the same epoch."""

from __future__ import annotations

import sys
from typing import Any

import pytorch_lightning as pl


class EarlyStopping(pl.callbacks.EarlyStopping):
    """Lightning's early stopping, with its decision in the resume checkpoint.

    patience: epochs without a lower value, 1 or more; None: never. monitor: a metric that is minimised; None: the
    validation loss, in which every class counts the same where the training balances them. min_delta: what counts as
    lower.

    Lightning calls this callback last at the end of a training epoch, after the resume checkpoint is written. Here it
    decides at the end of validation, so that its state in the checkpoint includes the epoch.
    """

    def __init__(self, patience: int | None = None, monitor: str | None = None, min_delta: float = 0.0) -> None:
        if patience is not None and patience < 1:
            raise ValueError(f"patience is {patience}; it is 1 or more, or null")
        super().__init__(
            monitor or "val/loss",
            min_delta=min_delta,
            patience=sys.maxsize if patience is None else patience,
            verbose=False,
            check_on_train_epoch_end=False,
        )
        self._chooses = monitor is None

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Choose the metric."""
        if self._chooses:
            self.monitor = getattr(pl_module, "stopping_metric", self.monitor)
        super().setup(trainer, pl_module, stage)

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Stop a resumed training that had decided to stop: a checkpoint does not hold ``trainer.should_stop``."""
        trainer.should_stop = trainer.should_stop or self.wait_count >= self.patience
