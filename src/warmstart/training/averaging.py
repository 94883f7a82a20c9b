"""Averages of the weights, which are validated, kept and reported in place of the weights themselves."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import WeightAveraging


class EMA(WeightAveraging):
    """The exponential moving average of the weights after each step.

    decay: what is kept of the average in a step, in [0, 1]. After few steps less is kept, (1 + n) / (10 + n) after n,
    as in timm's ``ModelEmaV3``: by a constant decay of 0.99, a third of the average of 110 steps, which are ten epochs
    of 180 photos, were the weights that the training began with.
    """

    def __init__(self, decay: float = 0.99) -> None:
        if not 0 <= decay <= 1:
            raise ValueError(f"decay is {decay}; it is a share from 0 to 1")
        super().__init__(avg_fn=partial(_move, decay))


def _move(decay: float, average: torch.Tensor, current: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    kept = min(decay, (1 + int(n)) / (10 + int(n)))
    return kept * average + (1 - kept) * current


class SWA(WeightAveraging):
    """The mean of the weights after each of the last epochs.

    start: share of the epochs after which it begins, in [0, 1). Until then the weights are the network's own.
    P. Izmailov et al., "Averaging weights leads to wider optima and better generalization", UAI 2018.
    """

    def __init__(self, start: float = 0.75) -> None:
        if not 0 <= start < 1:
            raise ValueError(f"start is {start}; it is a share from 0 to below 1")
        super().__init__()
        self.start = start

    def should_update(self, step_idx: int | None = None, epoch_idx: int | None = None) -> bool:
        """Never of itself: see ``on_train_batch_end``."""
        return False

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Average after the epoch's last batch, so that the validation of the epoch measures it."""
        if batch_idx < trainer.num_training_batches - 1:
            return
        assert self._average_model is not None and trainer.max_epochs is not None
        if trainer.current_epoch >= round(self.start * trainer.max_epochs):
            self._average_model.update_parameters(pl_module)
        else:
            self._average_model.module.load_state_dict(pl_module.state_dict())


def averaged_weights(trainer: pl.Trainer, pl_module: pl.LightningModule) -> dict[str, Any] | None:
    """The weights that validation measures where a callback averages them, by name in ``pl_module``; else None."""
    averaging = [callback for callback in trainer.callbacks if isinstance(callback, WeightAveraging)]  # type: ignore[attr-defined]
    if not averaging:
        return None
    checkpoint: dict[str, Any] = {"state_dict": pl_module.state_dict()}
    averaging[0].on_save_checkpoint(trainer, pl_module, checkpoint)
    state: dict[str, Any] = checkpoint["state_dict"]
    return state
