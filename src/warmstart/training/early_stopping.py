"""Early stopping that an interruption does not change: a resumed training stops in the epoch in which it would have stopped."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl


class EarlyStopping(pl.callbacks.EarlyStopping):
    """Lightning's early stopping, decided in time for the resume checkpoint.

    monitor: a figure that falls while the network learns. patience: epochs without a lower one, 1 or more.

    Lightning asks this callback after all others at the end of an epoch, when the resume checkpoint has been written, so a resumed
    training would not know of its last epoch. Here it decides at the end of validation, before any callback ends the epoch.
    """

    def __init__(self, monitor: str, patience: int) -> None:
        super().__init__(monitor, patience=patience, verbose=False, check_on_train_epoch_end=False)

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Train no further where the resumed training had decided to stop: the decision itself is no part of a checkpoint."""
        trainer.should_stop = trainer.should_stop or self.wait_count >= self.patience
