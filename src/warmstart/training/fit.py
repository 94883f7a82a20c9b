"""Fitting: a model, batches and a schedule in; the books of the run out. Everything of Lightning's Trainer is here."""

from __future__ import annotations

import logging
import signal
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from warmstart.config.balance import check_balance
from warmstart.dataset.class_balance import class_weights
from warmstart.dataset.datamodule import ArrayDataModule
from warmstart.dataset.row_array import RowArray, Rows
from warmstart.errors import UserError
from warmstart.models.image_model import ImageModel
from warmstart.runtime.devices import Compute
from warmstart.runtime.interrupts import Interrupted, check, handlers_kept, heard
from warmstart.runtime.lean import lightning
from warmstart.text.file_sizes import format_bytes
from warmstart.training.batch_norm_monitor import BatchNormMonitor, learning_batch_norms
from warmstart.training.checkpoint_io import AsideCheckpointIO
from warmstart.training.early_stopping import EarlyStopping
from warmstart.training.journal import Journal
from warmstart.training.lightning_module import Classifier
from warmstart.training.observer import Observer
from warmstart.training.schedule import Sizes

pl = lightning()
log = logging.getLogger(__name__)
Arrays = tuple[Rows, np.ndarray]


def fit(
    model: ImageModel,
    train: Arrays,
    val: Arrays,
    *,
    config: Mapping[str, Any],
    sizes: Sizes,
    compute: Compute,
    state_dir: Path,
    observer: Observer,
    on_features: bool,
    fold: tuple[int, int] = (0, 1),
) -> Journal:
    """Train ``model`` and return the journal; goes on from ``state_dir/last.ckpt`` where there is one.

    train, val: inputs (uint8 images (N, H, W, C), or float32 features (N, D)) with labels int64 (N,). fold: which, and of how many.
    Early stopping watches val/loss, and with balanced classes val/balanced_loss, in which every class counts the same.
    Raises UserError when the loss stops being a number or the device runs out of memory, Interrupted when it is asked to end.
    """
    balance = balance_of(config)
    data = ArrayDataModule(
        train,
        val,
        batch_size=sizes.batch_size,
        seed=config["seed"],
        steps_per_epoch=sizes.steps_per_epoch,
        augment=None if on_features else config.get("augment"),
        workers=0 if on_features else config["trainer"]["workers"],
        balanced=balance == "sampling",
    )
    n = len(train[1])
    if config["optimizer"]["full_batch"] and isinstance(train[0], RowArray):
        log.info(
            "optimizer.full_batch: every step takes all %d rows at once, %s of memory, up to twice",
            n,
            format_bytes(train[0].nbytes),
        )
    images = n if sizes.steps_per_epoch is None else sizes.steps_per_epoch * sizes.batch_size
    journal = Journal(
        model, state_dir, observer, images_per_epoch=images, seed=config["seed"], fold=fold, patience=sizes.patience
    )
    callbacks: list[Any] = [journal, _Interruptible()]
    if not on_features and learning_batch_norms(model):
        callbacks.append(BatchNormMonitor(model.network, state_dir))
    if sizes.patience:
        watched = "val/balanced_loss" if balance else "val/loss"
        callbacks.append(EarlyStopping(watched, sizes.patience))
    on_terminal = sys.stderr.isatty()
    if on_terminal:
        callbacks.append(pl.callbacks.RichProgressBar(leave=False))
    batches = config.get("debug", {}).get("batches")
    _quiet()
    trainer = pl.Trainer(
        max_epochs=sizes.epochs,
        accelerator=compute.accelerator,
        devices=config["trainer"]["devices"],
        precision=compute.precision,
        deterministic=config["trainer"]["deterministic"] or None,
        callbacks=callbacks,
        plugins=[AsideCheckpointIO()],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=on_terminal,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        limit_train_batches=batches,
        limit_val_batches=batches,
    )
    weights = {
        name: torch.from_numpy(class_weights(labels, len(model.classes)))
        for name, (_, labels) in (("train", train), ("val", val))
    }
    classifier = Classifier(
        model,
        config["optimizer"],
        on_features=on_features,
        n_train=n,
        class_weights=weights["train"] if balance == "weights" else None,
        val_weights=weights["val"] if balance else None,
    )
    if config["optimizer"]["name"] != "LBFGS":  # PyTorch's takes gradients in rows only
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    last = state_dir / "last.ckpt"
    if last.exists():
        log.info("going on from %s", last)
    try:
        with handlers_kept():
            trainer.fit(classifier, data, ckpt_path=last if last.exists() else None, weights_only=True)
    except torch.OutOfMemoryError:
        raise UserError(
            f"the device has too little memory for batches of {sizes.batch_size}: lower schedule.batch_size"
        ) from None
    except SystemExit:  # what Lightning makes of an interrupt, and of SIGTERM where it alone hears it
        raise Interrupted(heard() or (signal.SIGTERM if trainer.received_sigterm else signal.SIGINT)) from None
    return journal


class _Interruptible(pl.Callback):  # type: ignore[name-defined,misc]
    """Ends a training that was asked to end at a moment when some library swallowed it."""

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Raise Interrupted in that case."""
        check()


def balance_of(config: Mapping[str, Any]) -> str | None:
    """How classes of different sizes are made to count the same: by ``sampling``, by ``weights``, or (None) not at all.

    A training on the whole set as one batch draws nothing, so there balanced sampling is the weights that it amounts to.
    """
    balance = config.get("balance")
    if balance is None:
        return None
    check_balance(balance)
    if balance["class_weights"]:
        return "weights"
    if balance["sampling"] == "natural":
        return None
    if config["optimizer"]["full_batch"]:
        log.info("balance.sampling: every step takes all images, so class weights do here what drawing does elsewhere")
        return "weights"
    return "sampling"


def _quiet() -> None:
    """Silence what Lightning says of itself; what a person needs to know, the journal says."""
    for name in (
        "pytorch_lightning.utilities.rank_zero",
        "pytorch_lightning.trainer.connectors.signal_connector",
        "lightning_fabric.utilities.seed",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*number of training batches.*smaller than the logging interval.*")
    warnings.filterwarnings("ignore", message=".*LeafSpec.*")
    warnings.filterwarnings(
        "ignore", message=".*in eval mode at the start of training.*"
    )  # the frozen backbone, on purpose
    warnings.filterwarnings("ignore", message=".*batch_size.*ambiguous.*|.*infer the batch_size.*")
