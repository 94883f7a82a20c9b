"""The Lightning callback that watches batch norm: how far its running statistics are from those of the batch, epoch by epoch.

In training a batch is normalised by its own statistics, in validation by the running ones. While those lag behind, the
network is validated as something that was never trained.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from warmstart.files.plain import write_text
from warmstart.runtime.lean import lightning

pl = lightning()
BATCH_NORM_FILE = "batch_norm.csv"
COLUMNS = ("epoch", "step", "layer", "mean_gap", "var_log_ratio", "initial_share")
Row = dict[str, Any]


def learning_batch_norms(network: nn.Module) -> dict[str, _BatchNorm]:
    """By name, the batch norms that gather running statistics in training: not those of a frozen backbone, which only uses them."""
    return {
        name: module
        for name, module in network.named_modules()
        if isinstance(module, _BatchNorm) and module.training and module.track_running_stats
    }


class BatchNormMonitor(pl.Callback):  # type: ignore[name-defined,misc]
    """Keeps ``rows``, one an epoch and layer, and ``batch_norm.csv`` in ``state_dir``; it reads, and changes nothing.

    Compared are the running statistics after the epoch's last training batch, which validation uses, and that batch's own.
    mean_gap: root mean square over channels of (running mean − batch mean) / batch standard deviation. var_log_ratio: mean over
    channels of ln(running variance / batch variance). Both variances include the layer's epsilon, as in normalising.
    initial_share: the share of the untrained statistics (mean 0, variance 1) left in the running ones, (1 − momentum)^steps.
    """

    def __init__(self, network: nn.Module, state_dir: Path) -> None:
        self.layers, self.path = learning_batch_norms(network), state_dir / BATCH_NORM_FILE
        self.rows: list[Row] = []
        self._batch: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
        self._handles: list[Any] = []

    def state_dict(self) -> dict[str, Any]:
        """What travels in the resume checkpoint."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on with the epochs so far."""
        self.rows = state_dict["rows"]
        write_batch_norm(self.path, self.rows)

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Listen to the epoch's last batch only."""
        if batch_idx == trainer.num_training_batches - 1:
            self._handles = [layer.register_forward_pre_hook(self._listen(name)) for name, layer in self.layers.items()]

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Compare, before validation and before the resume checkpoint is written."""
        self._stop()
        for name, (mean, variance) in self._batch.items():
            layer = self.layers[name]
            assert (
                layer.running_mean is not None
                and layer.running_var is not None
                and layer.num_batches_tracked is not None
            )
            spread = variance + layer.eps
            gap = (layer.running_mean - mean).square().div(spread).mean().sqrt()
            ratio = (layer.running_var + layer.eps).div(spread).log().mean()
            steps = int(layer.num_batches_tracked)
            self.rows.append(
                {
                    "epoch": int(trainer.current_epoch) + 1,
                    "step": steps,
                    "layer": name,
                    "mean_gap": float(gap),
                    "var_log_ratio": float(ratio),
                    "initial_share": (1 - layer.momentum) ** steps if layer.momentum is not None else 0.0,
                }
            )
        self._batch.clear()

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Write the file."""
        write_batch_norm(self.path, self.rows)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Leave no hook behind."""
        self._stop()

    def _listen(self, name: str) -> Any:
        def hook(_layer: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
            values = inputs[0].detach().float()
            axes = [0, *range(2, values.ndim)]
            variance, mean = torch.var_mean(values, dim=axes)  # unbiased, as PyTorch's running variance is
            self._batch[name] = (mean, variance)

        return hook

    def _stop(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []


def write_batch_norm(path: str | Path, rows: Sequence[Row]) -> None:
    """Write ``batch_norm.csv`` in one step."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, buffer.getvalue())


def read_batch_norm(path: str | Path) -> list[Row]:
    """Read ``batch_norm.csv``."""
    kinds = {"epoch": int, "step": int, "layer": str}
    with Path(path).open(newline="", encoding="utf-8") as stream:
        return [{key: kinds.get(key, float)(value) for key, value in row.items()} for row in csv.DictReader(stream)]
