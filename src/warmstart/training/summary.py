"""The summary of a training, as its result folder has it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from warmstart.config.stages import TrainConfig
from warmstart.records.history import EpochMetrics
from warmstart.records.training_summary import (
    CurveMeans,
    FoldMeans,
    FoldSummary,
    ParameterCounts,
    SeedSummary,
    TrainingSummary,
)
from warmstart.runtime.devices import DevicePlan
from warmstart.training.fold import FoldResult
from warmstart.training.initial_model import InitialModel
from warmstart.training.repeats import Kind
from warmstart.training.schedule import resolve_schedule


def summarise(
    config: TrainConfig, initial: InitialModel, results: Sequence[FoldResult], plan: DevicePlan, kind: Kind
) -> TrainingSummary:
    """The summary of fold 0, with the training time and the images of all folds; of the first of several seeds.

    With several folds it also has the summary of each fold, and the means over them, weighted by the number of images:
    so accuracies are those of all images together. With several seeds it has the summary of each, and the means and
    standard deviations over them. results: of each fold or seed. kind: which of the two.
    """
    recipe = config.recipe
    folds = results[:1] if kind == "seeds" else results
    each = [fold_summary(number, fold) for number, fold in enumerate(folds)]
    seeds = [seed_summary(config.seed + n, one) for n, one in enumerate(results)] if kind == "seeds" else None
    several_seeds = [fold_summary(0, one) for one in results] if kind == "seeds" else []
    parameters = list(initial.model.network.parameters())
    trainable = sum(p.numel() for p in parameters if p.requires_grad)
    several = len(each) > 1
    return TrainingSummary(
        recipe=recipe.name,
        title=recipe.title,
        family=recipe.family,  # type: ignore[arg-type] # checked with the configuration
        **{name: getattr(each[0], name) for name in ("epochs", "kept_epoch", "kept", "last", "n")},
        parameters=ParameterCounts(sum(p.numel() for p in parameters), trainable),
        seconds=sum(fold.seconds for fold in each),
        images_per_s=float(np.median([epoch.images_per_second for epoch in folds[0].history.epochs])),
        starts_from=initial.starts_from,
        folds=each if several else None,
        ridge=folds[0].ridge,
        mean=FoldMeans(*(_means(several_seeds or each, which) for which in ("kept", "last")))
        if several or several_seeds
        else None,
        select_by=config.select_by,
        seeds=seeds,
        std=_deviations(seeds) if seeds else None,
        images_seen=sum(fold.epochs * _images_per_epoch(config, fold.n.train) for fold in each),
        phase=recipe.phase,
        network=initial.model.spec,
        precision=plan.precision,
        device=plan.describe(),
    )


def fold_summary(number: int, fold: FoldResult) -> FoldSummary:
    """The summary of one fold."""
    history = fold.history
    seconds = sum(epoch.epoch_seconds for epoch in history.epochs)
    return FoldSummary(
        number, len(history.epochs), history.best.epoch, history.best, history.last, seconds, fold.n, fold.ridge
    )


def seed_summary(seed: int, result: FoldResult) -> SeedSummary:
    """The summary of the training with a seed."""
    one = fold_summary(0, result)
    return SeedSummary(seed, one.epochs, one.kept_epoch, one.kept, one.last, one.seconds)


def _deviations(seeds: Sequence[SeedSummary]) -> CurveMeans:
    names = ("train_loss", "train_acc", "val_loss", "val_acc")
    return CurveMeans(*(float(np.std([getattr(one.kept, name) for one in seeds], ddof=1)) for name in names))


def _images_per_epoch(config: TrainConfig, n_train: int) -> int:
    phase, full_batch = config.recipe.phase, config.optimizer.full_batch
    return resolve_schedule(config.schedule, n_train, full_batch=full_batch, phase=phase).images_per_epoch(n_train)


def _means(folds: Sequence[FoldSummary], which: str) -> CurveMeans:
    def mean(part: str, metric: str) -> float:
        values = [getattr(getattr(fold, which), f"{part}_{metric}") for fold in folds]
        return float(np.average(values, weights=[getattr(fold.n, part) for fold in folds]))

    names = [name.replace("/", "_") for name in EpochMetrics.OPTIONAL]
    selected = [name for name in names if getattr(getattr(folds[0], which), name) is not None]
    return CurveMeans(
        *(mean(part, metric) for part in ("train", "val") for metric in ("loss", "acc")),
        **{name: mean("val", name.removeprefix("val_")) for name in selected},
    )
