"""The search for a learning rate: training steps at rising rates, on a copy of a recipe's network."""

from __future__ import annotations

import logging
import math
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch

from warmstart.config.schema import LRFind
from warmstart.config.stages import LRFindConfig
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.records.lr_find import LRSearch
from warmstart.training import messages
from warmstart.training.balance import balance_method
from warmstart.training.callbacks import EpochSeed, InterruptCheck
from warmstart.training.fit import build_datamodule, build_module, build_trainer, run
from warmstart.training.fold import FoldInputs, prepare_fold
from warmstart.training.lr_curve import analyse
from warmstart.training.parts import TrainingParts
from warmstart.training.train_recipe import plan_training

log = logging.getLogger(__name__)
STOP_FACTOR = 3.0  # of the lowest mean of recent losses, above which no higher rate is tried
RECENT = 0.8  # share of the mean that a step keeps


class RisingRate(pl.Callback):
    """Gives each step of the optimizer the next of ``rates``, and keeps the ``losses`` of the steps.

    It ends the training at a loss that is not finite or far above the lowest: ``stopped``.
    """

    def __init__(self, rates: np.ndarray) -> None:
        self.rates, self.stopped = rates.tolist(), False
        self.losses: list[float] = []
        self._batches: list[float] = []
        self._mean = self._lowest = math.inf

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Set the rate, of each group its share."""
        for group in trainer.optimizers[0].param_groups:
            group["lr"] = self.rates[trainer.global_step] * group.get("lr_scale", 1.0)

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Keep the loss, which Lightning has divided by the number of batches in a step."""
        self._batches.append(float(outputs["loss"]))
        if trainer.global_step == len(self.losses):
            return
        loss = sum(self._batches) * trainer.accumulate_grad_batches / len(self._batches)
        self._batches = []
        self._mean = loss if math.isinf(self._mean) else RECENT * self._mean + (1 - RECENT) * loss
        self._lowest = min(self._lowest, self._mean)
        self.stopped = trainer.should_stop = not self._mean <= STOP_FACTOR * self._lowest
        if math.isfinite(loss):
            self.losses.append(loss)


def find_learning_rate(
    config: LRFindConfig, parts: TrainingParts, *, images_dir: Path, features_dir: Path, init_from: Path | None = None
) -> LRSearch:
    """Train a copy of the recipe's network for ``lr_find.steps`` at rates from ``low`` to ``high``.

    Callbacks and the scheduler of the configuration are left out. Nothing is written. Raises UserError, also for an
    optimizer that searches along a line, and so has no rate.
    """
    options = config.lr_find
    if config.optimizer.full_batch:
        raise UserError(messages.NO_RATE.format(config.optimizer.path, config.recipe.name))
    if not options.low < options.high:
        raise UserError(messages.RATES_NOT_RISING.format(options.low, options.high))
    store = ImageStore(images_dir)
    inputs = prepare_fold(config, parts, plan_training(config), store, features_dir, init_from)
    search = try_rates(inputs, options)
    rates = search.rates[: len(search.losses)]
    if len(rates) < 2:
        raise UserError(messages.LOSS_NOT_FINITE_AT.format(options.low))
    curve = analyse(rates, search.losses)
    configured = config.optimizer.arguments.get("lr")
    found = LRSearch(
        recipe=config.recipe.name,
        dataset=store.prepared.dataset,
        dataset_digest=store.digest,
        optimizer=config.optimizer.path,
        configured=float(configured) if isinstance(configured, int | float) else None,
        rates=rates,
        losses=search.losses,
        smoothed=curve.smoothed.tolist(),
        slopes=curve.slopes.tolist(),
        steepest=curve.steepest,
        safe=curve.safe,
        lowest=curve.lowest,
        stopped=search.stopped,
    )
    if found.steepest is None:
        log.warning(messages.LOSS_DOES_NOT_FALL, found.recipe, len(rates), options.low, options.high)
    else:
        log.info(messages.LR_FOUND, found.recipe, found.steepest, found.safe, found.lowest)
    return found


def try_rates(inputs: FoldInputs, options: LRFind) -> RisingRate:
    """Train a copy of the model of ``inputs``; returns the rates and losses."""
    parts = inputs.options.learning.parts
    search = RisingRate(np.geomspace(options.low, options.high, options.steps))
    arguments = {**parts.trainer, "max_steps": options.steps, "enable_checkpointing": False}
    parts = replace(parts, scheduler=None, callbacks={}, trainer=arguments)
    fit_options = replace(
        inputs.options,
        learning=replace(inputs.options.learning, parts=parts),
        schedule=replace(inputs.options.schedule, epochs=-1),
    )
    method = balance_method(fit_options.balance, full_batch=False)
    data = build_datamodule(inputs.train, inputs.val, fit_options, method)
    module = build_module(deepcopy(inputs.initial.model), inputs.train, inputs.val, fit_options, method)
    callbacks = [EpochSeed(fit_options.seed), InterruptCheck(), search]
    trainer = build_trainer(fit_options, callbacks, Path.cwd())
    try:
        run(trainer, module, data.train_dataloader(), None)
    except torch.OutOfMemoryError:
        raise UserError(messages.OUT_OF_MEMORY.format(fit_options.schedule.batch_size)) from None
    return search
