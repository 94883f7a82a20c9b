"""A Lightning callback that compares batch norm's running statistics with those of the batch, epoch by epoch.

In training a batch is normalised by its own statistics, in validation by the running ones. While these lag behind,
validation measures a network that was never trained.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from warmstart.records.batch_norm import BatchNormRow

BATCH_NORM_FILE = "batch_norm.csv"


def learning_batch_norms(network: nn.Module) -> dict[str, _BatchNorm]:
    """The batch norms, by name, that update their running statistics in training; those of a frozen backbone do not."""
    return {
        name: module
        for name, module in network.named_modules()
        if isinstance(module, _BatchNorm) and module.training and module.track_running_stats
    }


class BatchNormMonitor(pl.Callback):
    """Keeps ``rows``, one per epoch and layer, and ``batch_norm.csv`` in ``state_dir``. It changes nothing in training.

    The running statistics after the epoch's last training batch, which validation uses, are compared with those of that
    batch. ``BatchNormRow`` describes the columns; both variances include the layer's epsilon, as in normalising.
    """

    def __init__(self, network: nn.Module, state_dir: Path) -> None:
        self.layers, self.path = learning_batch_norms(network), state_dir / BATCH_NORM_FILE
        self.rows: list[BatchNormRow] = []
        self._batch: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
        self._handles: list[Any] = []

    def state_dict(self) -> dict[str, Any]:
        """The rows, for the resume checkpoint."""
        return {"rows": [asdict(row) for row in self.rows]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue the rows of an interrupted training."""
        self.rows = [BatchNormRow(**row) for row in state_dict["rows"]]
        BatchNormRow.write_rows(self.path, self.rows)

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Register hooks for the epoch's last batch."""
        if batch_idx == trainer.num_training_batches - 1:
            self._handles = [layer.register_forward_pre_hook(self._hook(name)) for name, layer in self.layers.items()]

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Compare, before validation and before the resume checkpoint is written."""
        self._remove_hooks()
        for name, (mean, variance) in self._batch.items():
            self.rows.append(_compare(name, self.layers[name], mean, variance, int(trainer.current_epoch) + 1))
        self._batch.clear()

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Write the file."""
        BatchNormRow.write_rows(self.path, self.rows)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Remove the hooks."""
        self._remove_hooks()

    def _hook(self, name: str) -> Any:
        def hook(_layer: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
            values = inputs[0].detach().float()
            axes = [0, *range(2, values.ndim)]
            variance, mean = torch.var_mean(values, dim=axes)  # unbiased, as PyTorch's running variance is
            self._batch[name] = (mean, variance)

        return hook

    def _remove_hooks(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []


def _compare(name: str, layer: _BatchNorm, mean: torch.Tensor, variance: torch.Tensor, epoch: int) -> BatchNormRow:
    assert layer.running_mean is not None and layer.running_var is not None and layer.num_batches_tracked is not None
    scale, steps = variance + layer.eps, int(layer.num_batches_tracked)
    return BatchNormRow(
        epoch=epoch,
        step=steps,
        layer=name,
        mean_gap=float((layer.running_mean - mean).square().div(scale).mean().sqrt()),
        var_log_ratio=float((layer.running_var + layer.eps).div(scale).log().mean()),
        initial_share=(1 - layer.momentum) ** steps if layer.momentum is not None else 0.0,
    )
