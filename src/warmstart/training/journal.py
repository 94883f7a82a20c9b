"""The Lightning callback that keeps the books of a run: a row an epoch, the best network, and everything needed to resume.

Order at the end of an epoch matters: first the kept network under a name of its own, then the resume checkpoint with the
history inside, then ``history.csv``, and last the observer is told. So whenever the process dies, what was logged is never
ahead of what a resume starts from, and each epoch is logged once.
"""

from __future__ import annotations

import logging
import math
import time
from pathlib import Path
from typing import Any

import torch

from warmstart.errors import UserError
from warmstart.models.checkpoint import save_model
from warmstart.models.image_model import ImageModel
from warmstart.runtime.lean import lightning
from warmstart.training.fold_state import LAST, kept_name
from warmstart.training.history import CURVES, Row, best_row, smoothed, write_history
from warmstart.training.observer import Observer
from warmstart.training.time_estimate import TimeLeft

pl = lightning()
log = logging.getLogger(__name__)


class Journal(pl.Callback):  # type: ignore[name-defined,misc]
    """Keeps ``rows`` (see ``history.COLUMNS``) and, in ``state_dir``, ``last.ckpt``, ``best-<epoch>.ckpt`` and ``history.csv``.

    images_per_epoch: for the rate. seed: reseeds PyTorch each epoch, so that a resumed run draws what it would have drawn.
    fold: which, counted from 0, and of how many, for what is told. patience: of early stopping, for the same.
    """

    def __init__(
        self, model: ImageModel, state_dir: Path, observer: Observer, *, images_per_epoch: int, seed: int, fold: tuple[int, int] = (0, 1),
        patience: int | None = None,
    ) -> None:  # fmt: skip
        self.model, self.state_dir, self.observer = model, state_dir, observer
        self.images_per_epoch, self.seed = images_per_epoch, seed
        self.fold, self.folds = fold
        self.time_left = TimeLeft(patience, fold)
        self.rows: list[Row] = []
        self._started = self._trained = 0.0

    def state_dict(self) -> dict[str, Any]:
        """What travels in the resume checkpoint."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on with the history so far, and bring what watches level with it."""
        self.rows = state_dict["rows"]
        write_history(self.state_dir / "history.csv", self.rows)
        self.observer.on_epoch_end()

    @property
    def best_path(self) -> Path:
        """The kept network so far."""
        return self.state_dir / kept_name(best_row(self.rows)["epoch"])

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """Start the clock."""
        self._started = time.perf_counter()
        self.time_left.epoch_started()

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Start the epoch's random numbers, after the loader has drawn its own."""
        if batch_idx == 0:
            torch.manual_seed((self.seed << 20) + trainer.current_epoch)

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        """The training part of the epoch is over."""
        self._trained = time.perf_counter()

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Say how long it will take, and in a long epoch how far it is."""
        self.time_left.batch_done(
            batch_idx, trainer.num_training_batches, trainer.current_epoch, trainer.max_epochs, self.rows
        )

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Write the epoch down."""
        seconds = time.perf_counter() - self._started
        row: Row = {
            "epoch": float(trainer.current_epoch + 1),
            "time": time.time(),
            **{key: pl_module.figures[key] for key in CURVES},
            "lr": float(trainer.optimizers[0].param_groups[0]["lr"]),
            "time/epoch_s": seconds,
            "time/images_per_s": self.images_per_epoch / max(self._trained - self._started, 1e-9),
        }
        if not all(math.isfinite(value) for value in row.values()):
            raise UserError(
                f"the loss is no longer a number in epoch {trainer.current_epoch + 1}: try a lower optimizer.lr"
            )
        self.rows.append(smoothed(row, self.rows[-1] if self.rows else None))
        kept = best_row(self.rows) is self.rows[-1]
        if kept:
            save_model(self.model, self.best_path)
        trainer.save_checkpoint(self.state_dir / LAST, weights_only=False)
        write_history(self.state_dir / "history.csv", self.rows)
        for path in self.state_dir.glob("best-*.ckpt"):
            if path != self.best_path:
                path.unlink()
        self.observer.on_epoch_end()
        left = self.time_left.on_epoch_end(trainer.num_training_batches, trainer.max_epochs, self.rows)
        log.info(
            "%sepoch %d/%d  train %.1f %% (loss %.3f)  val %.1f %% (loss %.3f)  %.1f s, %.0f images/s%s%s",
            f"fold {self.fold + 1} of {self.folds}, " if self.folds > 1 else "",
            trainer.current_epoch + 1,
            trainer.max_epochs,
            100 * row["train/acc"],
            row["train/loss"],
            100 * row["val/acc"],
            row["val/loss"],
            seconds,
            row["time/images_per_s"],
            "  kept" if kept else "",
            f"  {left}" if left else "",
        )
