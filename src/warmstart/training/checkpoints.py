"""The checkpoints of a training: the model of the best epoch, and everything that is needed to resume.

Order at the end of an epoch: the history in memory, the best model under a name of its own, the resume checkpoint with
the history inside, history.csv, the observer. All three callbacks are ``Checkpoint``s, which Lightning calls last:
after a scheduler that depends on a metric has set the next rate. So at any moment at which the process may die, what is
logged is not ahead of the resume checkpoint, and the model that this calls the best is there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.plugins.io import TorchCheckpointIO

from warmstart.files.aside import aside, flush
from warmstart.models.checkpoint import save_model
from warmstart.models.image_model import ImageModel
from warmstart.training.averaging import averaged_weights
from warmstart.training.fold_state import BEST_PATTERN, RESUME_FILE, best_name
from warmstart.training.history import HistoryRecorder
from warmstart.training.precise_batch_norm import PreciseBatchNorm


class BestCheckpoint(pl.callbacks.Checkpoint):
    """Writes ``best-<epoch>.ckpt`` when an epoch is the best so far (see ``History.best``): the weights and running
    statistics that were validated, which are not the model's own where a callback averages or re-estimates them.
    """

    def __init__(self, model: ImageModel, state_dir: Path, recorder: HistoryRecorder) -> None:
        self.model, self.state_dir, self.recorder = model, state_dir, recorder

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Write the model."""
        best, last = self.recorder.history.best, self.recorder.history.last
        if best is last:
            precise = [callback for callback in trainer.callbacks if isinstance(callback, PreciseBatchNorm)]
            weights = averaged_weights(trainer, pl_module) or pl_module.state_dict()
            for callback in precise:
                weights |= callback.estimated
            before = {"as_trained": _of_network(precise[0].as_trained)} if precise else {}
            save_model(self.model, self.state_dir / best_name(best.epoch), _of_network(weights), **before)


class ResumeCheckpoint(pl.callbacks.Checkpoint):
    """Writes ``last.ckpt`` after each epoch, then the history, and removes the models that are the best no longer."""

    def __init__(self, state_dir: Path, recorder: HistoryRecorder) -> None:
        self.state_dir, self.recorder = state_dir, recorder

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Write the checkpoint and the history."""
        trainer.save_checkpoint(self.state_dir / RESUME_FILE, weights_only=False)
        for path in self.state_dir.glob(BEST_PATTERN):
            if path.name != best_name(self.recorder.history.best.epoch):
                path.unlink()
        self.recorder.write()


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes a checkpoint beside its place and renames it.

    Lightning's own writes go through the system's temporary folder, which may be smaller than the disk.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | os.PathLike[str], storage_options: Any = None
    ) -> None:
        """Write in one step: a reader sees the old checkpoint or the new one."""
        with aside(Path(path)) as new:
            torch.save(checkpoint, new)
            flush(new)
            os.replace(new, path)


def _of_network(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights of the network, of those of the LightningModule around the model."""
    prefix = "model.network."
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
