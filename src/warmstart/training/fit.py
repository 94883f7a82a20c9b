"""Fitting a model with Lightning's Trainer."""

from __future__ import annotations

import logging
import signal
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import GradientAccumulationScheduler
from torch.utils.data import DataLoader

from warmstart.config.schema import Balance, Trainer
from warmstart.config.selection import ACCURACY
from warmstart.dataset.class_balance import class_weights
from warmstart.dataset.datamodule import ArrayDataModule, Arrays, Batch
from warmstart.dataset.row_array import RowArray
from warmstart.errors import UserError
from warmstart.models.image_model import ImageModel
from warmstart.records.history import History
from warmstart.runtime.devices import DevicePlan
from warmstart.runtime.interrupts import Interrupted, handlers_kept, heard
from warmstart.text.file_sizes import format_bytes
from warmstart.training import messages
from warmstart.training.balance import balance_method
from warmstart.training.batch_norm_monitor import BatchNormMonitor, learning_batch_norms
from warmstart.training.callbacks import EpochLog, EpochSeed, InterruptCheck
from warmstart.training.checkpoints import AtomicCheckpointIO, BestCheckpoint, ResumeCheckpoint
from warmstart.training.fold_state import RESUME_FILE
from warmstart.training.history import HistoryRecorder
from warmstart.training.lightning_module import Classifier, LearningOptions
from warmstart.training.observer import NoObserver, Observer
from warmstart.training.repeats import Repeat
from warmstart.training.schedule import ResolvedSchedule
from warmstart.training.selection_score import check_classes
from warmstart.training.step_recorder import StepRecorder

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FitOptions:
    """How a model is fitted. full_batch: the training set is one batch. balance: None for no balancing. on_features:
    the inputs are cached features, so that only the head is trained, without augmentation and loader processes.
    max_batches: per epoch and split, for short runs. select_by: the metric of `config.selection` that keeps an epoch.
    """

    learning: LearningOptions
    schedule: ResolvedSchedule
    device: DevicePlan
    trainer: Trainer
    seed: int = 0
    full_batch: bool = False
    balance: Balance | None = None
    on_features: bool = False
    max_batches: int | None = None
    select_by: str = ACCURACY


def fit(
    model: ImageModel,
    train: Arrays,
    val: Arrays,
    options: FitOptions,
    state_dir: Path,
    observer: Observer | None = None,
    repeat: Repeat | None = None,
) -> History:
    """Train ``model``, from the resume checkpoint in ``state_dir`` if there is one, and return the history.

    train, val: inputs (uint8 images (N, H, W, C), or float32 features (N, D)) with labels int64 (N,). repeat: which
    of the trainings of the recipe, for messages. ``state_dir`` gets history.csv, best-<epoch>.ckpt and last.ckpt.
    Raises UserError for a loss that is not finite, for too little memory and for validation images without a class that
    ``select_by`` needs, Interrupted if it is asked to end.
    """
    check_classes(options.select_by, val[1], model.classes)
    method = balance_method(options.balance, full_batch=options.full_batch)
    data = build_datamodule(train, val, options, method)
    made = {name: make() for name, make in options.learning.parts.callbacks.items()}
    check_accumulation(options, len(train[1]), made)
    n_images = options.schedule.images_per_epoch(len(train[1]))
    recorder = HistoryRecorder(state_dir, observer or NoObserver(), n_images, options.select_by)
    callbacks = [
        EpochSeed(options.seed),
        EpochLog(recorder, repeat or Repeat(), options.schedule.patience),
        InterruptCheck(),
    ]
    if not options.on_features and learning_batch_norms(model):
        callbacks.append(BatchNormMonitor(model.network, state_dir))
    callbacks += made.values()
    if options.learning.parts.scheduler and not any(isinstance(each, StepRecorder) for each in callbacks):
        callbacks.append(StepRecorder())
    # In this order: see ``checkpoints``.
    callbacks += [recorder, BestCheckpoint(model, state_dir, recorder), ResumeCheckpoint(state_dir, recorder)]
    trainer = build_trainer(options, callbacks, state_dir)
    module = build_module(model, train, val, options, method)
    try:
        run(trainer, module, data, state_dir / RESUME_FILE)
    except torch.OutOfMemoryError:
        raise UserError(messages.OUT_OF_MEMORY.format(options.schedule.batch_size)) from None
    return recorder.history


def check_accumulation(options: FitOptions, n_train: int, callbacks: Mapping[str, pl.Callback]) -> None:
    """Refuse (UserError) to gather the gradients of more batches than an epoch has. callbacks: by name."""
    batches = options.max_batches or -(-options.schedule.images_per_epoch(n_train) // options.schedule.batch_size)
    many = options.learning.parts.trainer.get("accumulate_grad_batches") or 1
    if many > batches:
        raise UserError(messages.ACCUMULATION_TOO_LARGE.format(many, batches))
    for name, callback in callbacks.items():
        if isinstance(callback, GradientAccumulationScheduler):
            if many > 1:
                raise UserError(messages.ACCUMULATION_TWICE.format(name))
            most = max(callback.get_accumulate_grad_batches(epoch) for epoch in range(options.schedule.epochs))
            if most > batches:
                raise UserError(messages.SCHEDULED_ACCUMULATION_TOO_LARGE.format(name, most, batches))


def build_datamodule(train: Arrays, val: Arrays, options: FitOptions, method: str | None) -> ArrayDataModule:
    """The batches of a training. method: of balancing classes, see ``balance_method``."""
    if options.full_batch and isinstance(train[0], RowArray):
        log.info(messages.FULL_BATCH, len(train[1]), format_bytes(train[0].nbytes))
    return ArrayDataModule(
        train,
        val,
        batch_size=options.schedule.batch_size,
        seed=options.seed,
        steps_per_epoch=options.schedule.steps_per_epoch,
        transforms={} if options.on_features else options.learning.parts.transforms,
        workers=0 if options.on_features else options.trainer.workers,
        balanced=method == "sampling",
    )


def build_module(model: ImageModel, train: Arrays, val: Arrays, options: FitOptions, method: str | None) -> Classifier:
    """The LightningModule around ``model``, whose memory format is set for its optimizer."""
    weights = [torch.from_numpy(class_weights(labels, len(model.classes))) for _, labels in (train, val)]
    return Classifier(
        model,
        options.learning,
        on_features=options.on_features,
        n_train=len(train[1]),
        class_weights=weights[0] if method == "weights" else None,
        val_weights=weights[1] if method else None,
        select_by=options.select_by,
        channels_last=not options.full_batch,
    )


def build_trainer(options: FitOptions, callbacks: list[Any], folder: Path) -> Any:
    """Lightning's Trainer, with a progress bar on a terminal. folder: for what callbacks write."""
    on_terminal = sys.stderr.isatty()
    silence_lightning()
    return pl.Trainer(
        max_epochs=options.schedule.epochs,
        accelerator=options.device.accelerator,
        devices=options.trainer.devices,
        precision=options.device.precision,  # type: ignore[arg-type] # one of runtime.devices.PRECISIONS
        callbacks=[*callbacks, *([pl.callbacks.RichProgressBar(leave=False)] if on_terminal else [])],
        plugins=[AtomicCheckpointIO()],
        logger=False,
        default_root_dir=folder,
        enable_progress_bar=on_terminal,
        num_sanity_val_steps=0,
        limit_train_batches=options.max_batches,
        limit_val_batches=options.max_batches,
        **{"enable_model_summary": False, **options.learning.parts.trainer},
    )


def run(trainer: Any, module: Classifier, data: ArrayDataModule | DataLoader[Batch], checkpoint: Path | None) -> None:
    """Fit, from ``checkpoint`` if it exists. data: with the training batches alone nothing is validated.

    Raises Interrupted if the process is asked to end.
    """
    resumes = checkpoint is not None and checkpoint.exists()
    if resumes:
        log.info(messages.RESUMES, checkpoint)
    try:
        with handlers_kept():
            trainer.fit(module, data, ckpt_path=checkpoint if resumes else None, weights_only=True)
    except SystemExit:  # raised by Lightning for an interrupt, and for a SIGTERM that only Lightning received
        raise Interrupted(heard() or (signal.SIGTERM if trainer.received_sigterm else signal.SIGINT)) from None


def silence_lightning() -> None:
    """Silence messages of Lightning that do not concern a user; ``EpochLog`` logs what does."""
    for name in (
        "pytorch_lightning.utilities.rank_zero",
        "pytorch_lightning.trainer.connectors.signal_connector",
        "lightning_fabric.utilities.seed",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)
    for message in (
        ".*does not have many workers.*",
        ".*number of training batches.*smaller than the logging interval.*",
        ".*LeafSpec.*",
        ".*have no `val_dataloader`.*",  # of the search for a learning rate
        ".*in eval mode at the start of training.*",  # the frozen backbone, on purpose
    ):
        warnings.filterwarnings("ignore", message=message)
