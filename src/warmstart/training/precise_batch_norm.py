"""Running statistics of batch norm re-estimated from training images: "precise batch norm".

Y. Wu and J. Johnson, "Rethinking 'Batch' in BatchNorm", arXiv:2105.07576 (2021), section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.trainer.states import TrainerFn
from torch.nn.modules.batchnorm import _BatchNorm

from warmstart.errors import UserError
from warmstart.training.batch_norm_monitor import learning_batch_norms
from warmstart.training.messages import NO_STATISTICS_IMAGES

Statistics = dict[str, torch.Tensor]  # running means and variances, by name
STATISTICS = ("running_mean", "running_var")
IMAGES = 256


@torch.no_grad()
def estimate_statistics(
    forward: Callable[[torch.Tensor], Any], layers: Iterable[_BatchNorm], batches: Iterable[torch.Tensor]
) -> None:
    """Set the running statistics of ``layers`` to the means of those of ``batches``, each of two inputs or more.

    forward: computes the network, which is in evaluation mode and stays in it, so that nothing is dropped out and
    frozen layers keep theirs.
    """
    layers = list(layers)
    momenta = [layer.momentum for layer in layers]
    try:
        for layer in layers:
            layer.reset_running_stats()
            layer.momentum = None  # for PyTorch: the mean of all batches
            layer.train()
        for batch in batches:
            forward(batch)
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
            layer.eval()


class PreciseBatchNorm(pl.Callback):
    """Validates with statistics that are re-estimated from training images, and trains on with those that it had.

    images: at most so many, evenly spread over the training set and the same each time. They are not augmented, as
    those that the network is validated and used on, and so that no random number is drawn. It needs an
    ``ArrayDataModule``, and does nothing for a network without batch norms that learn.

    as_trained, estimated: running means and variances by name in the LightningModule, before and after, of the last
    validation. After the training the module has the estimated ones. It works from the first validation batch to the
    last, between which weights that another callback averages are in the module, whatever the order of the two.
    """

    def __init__(self, images: int = IMAGES) -> None:
        if images < 2:
            raise ValueError(f"images is {images}; it is 2 or more")
        self.images = images
        self.as_trained: Statistics = {}
        self.estimated: Statistics = {}
        self._layers: dict[str, _BatchNorm] = {}
        self._saved: dict[str, torch.Tensor] = {}

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Find the layers."""
        self._layers = learning_batch_norms(pl_module)
        if self._layers and not hasattr(getattr(trainer, "datamodule", None), "statistics_dataloader"):
            raise UserError(NO_STATISTICS_IMAGES)

    def on_validation_batch_start(
        self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        """Re-estimate, before the first batch."""
        if batch_idx or dataloader_idx or not self._layers or trainer.state.fn != TrainerFn.FITTING:
            return
        self._saved = _buffers(self._layers)
        self.as_trained = _statistics(self._saved)
        batches = (images.to(pl_module.device) for images, _ in trainer.datamodule.statistics_dataloader(self.images))
        with trainer.precision_plugin.forward_context():
            estimate_statistics(pl_module, self._layers.values(), batches)
        self.estimated = _statistics(_buffers(self._layers))

    def on_validation_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        """Put back what training had, after the last batch."""
        if batch_idx + 1 == trainer.num_val_batches[dataloader_idx] and dataloader_idx + 1 == len(
            trainer.num_val_batches
        ):
            self._put_back()

    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        """Put back what training had."""
        self._put_back()

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Leave the network as it was validated."""
        for name, value in pl_module.named_buffers():
            if name in self.estimated:
                value.copy_(self.estimated[name])

    def _put_back(self) -> None:
        for name, value in _buffers(self._layers, clone=False).items() if self._saved else ():
            value.copy_(self._saved[name])
        self._saved = {}


def _buffers(layers: Mapping[str, _BatchNorm], *, clone: bool = True) -> dict[str, torch.Tensor]:
    """Running statistics and the number of batches behind them, by full name."""
    found = {f"{name}.{key}": value for name, layer in layers.items() for key, value in layer.named_buffers()}
    return {name: value.clone() for name, value in found.items()} if clone else found


def _statistics(buffers: Mapping[str, torch.Tensor]) -> Statistics:
    return {name: value for name, value in buffers.items() if name.rpartition(".")[2] in STATISTICS}
