"""Fitting: a model, batches and a schedule in; the books of the run out. Everything of Lightning's Trainer is here."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from warmstart.compute import Compute
from warmstart.errors import UserError
from warmstart.lean import lightning
from warmstart.loading.datamodule import ArrayDataModule
from warmstart.models.classifier import Classifier
from warmstart.models.image_model import ImageModel
from warmstart.training.batch_norm_watch import BatchNormWatch, learning_batch_norms
from warmstart.training.journal import Journal
from warmstart.training.observer import Observer
from warmstart.training.sizing import Sizes

pl = lightning()
log = logging.getLogger(__name__)
Arrays = tuple[np.ndarray, np.ndarray]


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
) -> Journal:
    """Train ``model`` and return the journal; goes on from ``state_dir/last.ckpt`` where there is one.

    train, val: inputs (uint8 images (N, H, W, C), or float32 features (N, D)) with labels int64 (N,).
    Raises UserError when the loss stops being a number or the device runs out of memory.
    """
    data = ArrayDataModule(
        train,
        val,
        batch_size=sizes.batch_size,
        seed=config["seed"],
        steps_per_epoch=sizes.steps_per_epoch,
        augment=None if on_features else config.get("augment"),
        workers=0 if on_features else config["trainer"]["workers"],
    )
    n = len(train[1])
    images = n if sizes.steps_per_epoch is None else sizes.steps_per_epoch * sizes.batch_size
    journal = Journal(model, state_dir, observer, images_per_epoch=images, seed=config["seed"])
    callbacks: list[Any] = [journal]
    if not on_features and learning_batch_norms(model):
        callbacks.append(BatchNormWatch(model.network, state_dir))
    if sizes.patience:
        callbacks.append(pl.callbacks.EarlyStopping("val/loss", patience=sizes.patience, verbose=False))
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
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=on_terminal,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        limit_train_batches=batches,
        limit_val_batches=batches,
    )
    classifier = Classifier(model, config["optimizer"], on_features=on_features, n_train=n)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    last = state_dir / "last.ckpt"
    if last.exists():
        log.info("going on from %s", last)
    try:
        trainer.fit(classifier, data, ckpt_path=last if last.exists() else None, weights_only=True)
    except torch.OutOfMemoryError:
        raise UserError(f"the device has too little memory for batches of {sizes.batch_size}: lower schedule.batch_size") from None
    if trainer.interrupted or not journal.rows:
        raise KeyboardInterrupt
    return journal


def _quiet() -> None:
    """Silence what Lightning says of itself; what a person needs to know, the journal says."""
    for name in ("pytorch_lightning.utilities.rank_zero", "lightning_fabric.utilities.seed"):
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*number of training batches.*smaller than the logging interval.*")
    warnings.filterwarnings("ignore", message=".*LeafSpec.*")
    warnings.filterwarnings("ignore", message=".*in eval mode at the start of training.*")  # the frozen backbone, on purpose
    warnings.filterwarnings("ignore", message=".*batch_size.*ambiguous.*|.*infer the batch_size.*")
