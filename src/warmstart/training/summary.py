"""The result of a training in numbers, as summary.json has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from warmstart.records.history import EpochMetrics
from warmstart.records.run_identity import StartCheckpoint
from warmstart.records.training_summary import (
    CurveMeans,
    FoldMeans,
    FoldSummary,
    ParameterCounts,
    TrainingCounts,
    TrainingSummary,
)
from warmstart.runtime.devices import Compute
from warmstart.training.fold import Trained
from warmstart.training.history import best_row, epoch_metrics
from warmstart.training.start import Start


def summarise(config: Mapping[str, Any], start: Start, trained: Sequence[Trained], compute: Compute) -> TrainingSummary:
    """The summary of a training on one or several folds; its fields say what is of fold 0 and what of all."""
    first, network = trained[0], start.model.network
    folds = [fold_summary(number, fold) for number, fold in enumerate(trained)]
    several = len(folds) > 1
    return TrainingSummary(
        recipe=config["recipe"]["name"],
        title=config["recipe"]["title"],
        family=config["recipe"]["family"],
        epochs=folds[0].epochs,
        kept_epoch=folds[0].kept_epoch,
        kept=folds[0].kept,
        last=folds[0].last,
        parameters=ParameterCounts(
            total=sum(p.numel() for p in network.parameters()),
            trainable=sum(p.numel() for p in network.parameters() if p.requires_grad),
        ),
        seconds=sum(fold.seconds for fold in folds),
        images_per_s=float(np.median([row["time/images_per_s"] for row in first.rows])),
        starts_from=StartCheckpoint(**start.starts_from) if start.starts_from else None,
        n=folds[0].n,
        folds=folds if several else None,
        mean=FoldMeans(_mean(folds, "kept"), _mean(folds, "last")) if several else None,
        precision=compute.precision,
        device=compute.describe(),
    )


def fold_summary(number: int, fold: Trained) -> FoldSummary:
    """The summary of one fold."""
    best, last = epoch_metrics(best_row(fold.rows)), epoch_metrics(fold.rows[-1])
    seconds = sum(row["time/epoch_s"] for row in fold.rows)
    return FoldSummary(number, len(fold.rows), best.epoch, best, last, seconds, TrainingCounts(**fold.n))


def _mean(folds: Sequence[FoldSummary], which: str) -> CurveMeans:
    rows: list[EpochMetrics] = [getattr(fold, which) for fold in folds]

    def mean(curve: str, split: str) -> float:
        weights = [getattr(fold.n, split) for fold in folds]
        return float(np.average([getattr(row, f"{split}_{curve}") for row in rows], weights=weights))

    return CurveMeans(*(mean(curve, split) for split in ("train", "val") for curve in ("loss", "acc")))
