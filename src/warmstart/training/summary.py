"""The summary of a training, as its result folder has it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from warmstart.config.schema import Recipe
from warmstart.records.history import EpochMetrics
from warmstart.records.training_summary import (
    CurveMeans,
    FoldMeans,
    FoldSummary,
    ParameterCounts,
    TrainingSummary,
)
from warmstart.runtime.devices import DevicePlan
from warmstart.training.fold import FoldResult
from warmstart.training.initial_model import InitialModel


def summarise(recipe: Recipe, initial: InitialModel, folds: Sequence[FoldResult], plan: DevicePlan) -> TrainingSummary:
    """The summary of fold 0, with the training time of all folds.

    With several folds it also has the summary of each fold, and the means over them, weighted by the number of images:
    so accuracies are those of all images together.
    """
    each = [fold_summary(number, fold) for number, fold in enumerate(folds)]
    parameters = list(initial.model.network.parameters())
    first = each[0]
    return TrainingSummary(
        recipe=recipe.name,
        title=recipe.title,
        family=recipe.family,  # type: ignore[arg-type] # checked with the configuration
        epochs=first.epochs,
        kept_epoch=first.kept_epoch,
        kept=first.kept,
        last=first.last,
        parameters=ParameterCounts(
            sum(p.numel() for p in parameters), sum(p.numel() for p in parameters if p.requires_grad)
        ),
        seconds=sum(fold.seconds for fold in each),
        images_per_s=float(np.median([epoch.images_per_second for epoch in folds[0].history.epochs])),
        starts_from=initial.starts_from,
        n=first.n,
        folds=each if len(each) > 1 else None,
        mean=FoldMeans(_means(each, [fold.kept for fold in each]), _means(each, [fold.last for fold in each]))
        if len(each) > 1
        else None,
        precision=plan.precision,
        device=plan.describe(),
    )


def fold_summary(number: int, fold: FoldResult) -> FoldSummary:
    """The summary of one fold."""
    history = fold.history
    seconds = sum(epoch.epoch_seconds for epoch in history.epochs)
    return FoldSummary(number, len(history.epochs), history.best.epoch, history.best, history.last, seconds, fold.n)


def _means(folds: Sequence[FoldSummary], epochs: Sequence[EpochMetrics]) -> CurveMeans:
    def mean(part: str, metric: str) -> float:
        weights = [getattr(fold.n, part) for fold in folds]
        return float(np.average([getattr(epoch, f"{part}_{metric}") for epoch in epochs], weights=weights))

    return CurveMeans(mean("train", "loss"), mean("train", "acc"), mean("val", "loss"), mean("val", "acc"))
