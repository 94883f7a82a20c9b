"""Early stopping that an interruption does not change: a resumed training stops in the same epoch."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl


class EarlyStopping(pl.callbacks.EarlyStopping):
    """Lightning's early stopping, with its decision in the resume checkpoint.

    monitor: a metric that is minimised. patience: epochs without a lower value, 1 or more.

    Lightning calls this callback last at the end of a training epoch, after the resume checkpoint is written. Here it
    decides at the end of validation, so that its state in the checkpoint includes the epoch.
    """

    def __init__(self, monitor: str, patience: int) -> None:
        super().__init__(monitor, patience=patience, verbose=False, check_on_train_epoch_end=False)

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Stop a resumed training that had decided to stop: a checkpoint does not hold ``trainer.should_stop``."""
        trainer.should_stop = trainer.should_stop or self.wait_count >= self.patience
