"""A dataset's artifacts folder as the stages write it, with metrics of the test's choice and no training."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from data_builders import manifest_row, prepared_images
from record_builders import (
    DIGEST,
    epoch_metrics,
    evaluation_metrics,
    fold_summary,
    interpretation_summary,
    metric,
    prediction_speed,
    run_identity,
    training_summary,
)
from warmstart.comparison.report.report_page import INTERPRETATION_IMAGES
from warmstart.config.schema import Evaluate
from warmstart.evaluation.class_predictions import Predictions
from warmstart.evaluation.seed_metrics import means_over_seeds
from warmstart.files.plain import write_json as write
from warmstart.records.evaluation import EvaluationMetrics, MajorityClass
from warmstart.records.history import History
from warmstart.records.images import PreparedImages, Split, SplitCounts
from warmstart.records.interpretation import MapScores
from warmstart.records.intervals import Interval
from warmstart.records.manifest import ManifestRow
from warmstart.records.predictions import OutOfFoldRow, PredictionRow, SeedPredictionRow
from warmstart.records.seed_metrics import SeedMetrics, SeedRule
from warmstart.records.training_state import FoldCount, SeedNetwork
from warmstart.records.training_summary import CurveMeans, FoldMeans, SeedSummary, TrainingCounts, TrainingSummary

__all__ = [
    "DIGEST",
    "fold_images",
    "fold_recipe",
    "seed_recipe",
    "write",
    "write_images",
    "write_pictures",
    "write_recipe",
]
SPLITS: tuple[Split, ...] = ("train", "val", "test")
CLASSES = ("cat", "dog")


def write_images(root: Path, classes: Sequence[str] = CLASSES, n: int = 40, channels: int = 3, **meta: Any) -> None:
    """``n`` test images and as many of each other split, the classes in turn. meta: changes of meta.json."""
    folder = root / "images"
    folder.mkdir(parents=True)
    rows = []
    for split in SPLITS:
        pixels = np.random.default_rng(0).integers(0, 256, (n, 16, 16, channels), dtype=np.uint8)
        np.save(folder / f"{split}.npy", pixels)
        for i in range(n):
            label = i % len(classes)
            place = {"label": label, "split": split, "row": i, "unit": len(rows)}
            rows.append(manifest_row(path=path(split, i, classes), class_name=classes[label], **place))
    ManifestRow.write_rows(folder / "manifest.csv", rows)
    images = prepared_images(classes=list(classes), channels=channels, counts=SplitCounts(n, n, n))
    replace(images, **meta).write(folder / "meta.json")


def write_recipe(
    root: Path,
    name: str,
    family: str,
    *,
    wrong: int,
    val: float = 0.9,
    epochs: int = 3,
    classes: Sequence[str] = CLASSES,
    n: int = 40,
    trained_wrong: int | None = None,
    wrong_on: Collection[int] | None = None,
    **summary: Any,
) -> Path:
    """A finished recipe that is wrong on the first ``wrong`` of the test images, its best validation accuracy ``val``.

    wrong_on: the test images that it is wrong on instead, ``wrong`` of them. trained_wrong: how many it was wrong on as trained, before temperature and threshold; None: as many. summary:
    changes of summary.json.
    """
    folder = root / "recipes" / name
    (folder / "model").mkdir(parents=True, exist_ok=True)
    history = History([epoch_metrics(epoch, val) for epoch in range(1, epochs + 1)])
    history.write(folder / "model" / "history.csv")
    trained = {"kept": history.best, "last": history.last, "epochs": epochs, "n": TrainingCounts(n, n)}
    written = training_summary(recipe=name, title=f"<i>{name}</i>", family=family, **trained)
    replace(written, **summary).write(folder / "model" / "summary.json")
    run_identity(recipe=name, family=family).write(folder / "model" / "run.json")
    images = [(split, i) for split in ("val", "test") for i in range(n)]
    bad = range(wrong) if wrong_on is None else wrong_on
    rows = [_prediction(split, i, i in bad, classes) for split, i in images]
    PredictionRow.write_rows(folder / "evaluate" / "predictions.csv", rows)
    _write_probabilities(folder / "evaluate" / "probabilities.npy", rows, len(classes))
    accuracies = [1 - number / n for number in (wrong, wrong if trained_wrong is None else trained_wrong)]
    majority = MajorityClass([classes[0]], n, replace(metric(1 / len(classes)), low=0.1, high=0.6))
    threshold = 0.5 if len(classes) == 2 else None
    evaluated = evaluation_metrics(*accuracies, n, classes=len(classes), majority=majority, threshold=threshold)
    evaluated.write(folder / "evaluate" / "metrics.json")
    prediction_speed().write(folder / "evaluate" / "speed.json")
    (folder / "evaluate" / "package").mkdir(exist_ok=True)
    (folder / "evaluate" / "package" / "model.safetensors").write_bytes(bytes(12_000))
    return folder


def fold_images(root: Path, folds: int) -> None:
    """Put the images into so many folds: test images in part 0, validation images in part 1, then training images."""
    meta, manifest = root / "images" / "meta.json", root / "images" / "manifest.csv"
    replace(PreparedImages.read(meta), folds=folds).write(meta)
    rows = ManifestRow.read_rows(manifest)
    parts = {"test": 0, "val": 1}
    folded = [replace(row, fold=parts.get(row.split, 2 + row.row % (folds - 2))) for row in rows]
    ManifestRow.write_rows(manifest, folded)


def fold_recipe(
    folder: Path, accuracies: Sequence[float], *, wrong: int, n: int = 40, classes: Sequence[str] = CLASSES
) -> Path:
    """Give a finished recipe folds, the best validation accuracy of each given. It is wrong on the first ``wrong`` of
    all 3 n images.
    """
    folds, total, model, evaluate = len(accuracies), 3 * n, folder / "model", folder / "evaluate"
    summary = TrainingSummary.read(model / "summary.json")
    parts = []
    for fold, accuracy in enumerate(accuracies):
        row, counts = replace(summary.kept, val_acc=accuracy), TrainingCounts(n, total // folds)
        parts.append(fold_summary(fold, kept=row, last=row, seconds=25.0, n=counts))
        if fold:
            parts[-1].write(model / "folds" / str(fold) / "summary.json")
    kept = summary.kept
    mean = CurveMeans(kept.train_loss, kept.train_acc, kept.val_loss, sum(accuracies) / folds)
    replace(summary, folds=parts, mean=FoldMeans(mean, mean)).write(model / "summary.json")
    FoldCount(folds).write(model / "folds" / "folds.json")
    images = [(split, i) for split in SPLITS for i in range(n)]
    rows = [_prediction(*image, number < wrong, classes) for number, image in enumerate(images)]
    table = [OutOfFoldRow(**vars(row), fold=number % folds) for number, row in enumerate(rows)]
    OutOfFoldRow.write_rows(evaluate / "out_of_fold.csv", table)
    _write_probabilities(evaluate / "out_of_fold_probabilities.npy", rows, len(classes))
    metrics = EvaluationMetrics.read(evaluate / "metrics.json")
    pooled = evaluation_metrics(1 - wrong / total, n=total, classes=len(classes))
    folded = evaluation_metrics(1 - wrong / total, n=total, folds=folds, classes=len(classes))
    majority = replace(metrics.majority, classes=list(classes), n=total)
    replace(folded, test=pooled.test, majority=majority).write(evaluate / "metrics.json")
    return folder


def seed_recipe(
    folder: Path, wrong_on: Sequence[Collection[int]], val: Sequence[float], *, n: int = 40, first_seed: int = 7
) -> Path:
    """Give a finished recipe of two classes several seeds. wrong_on: the test images that each seed's network is wrong
    on, those of the first as the recipe has them. val: the best validation accuracy of each.
    """
    model, evaluate = folder / "model", folder / "evaluate"
    summary = TrainingSummary.read(model / "summary.json")
    kept = [replace(summary.kept, val_acc=accuracy) for accuracy in val]
    seeds = [SeedSummary(first_seed + i, 3, 1, row, row, 25.0) for i, row in enumerate(kept)]
    for number, one in enumerate(seeds[1:], 1):
        one.write(model / "seeds" / str(number) / "summary.json")
    first = summary.kept
    mean, std = (CurveMeans(first.train_loss, first.train_acc, first.val_loss, f(val)) for f in (np.mean, np.std))
    replace(summary, seeds=seeds, mean=FoldMeans(mean, mean), std=std).write(model / "summary.json")
    FoldCount(1, [SeedNetwork(one.seed, DIGEST) for one in seeds]).write(model / "folds" / "folds.json")
    rows = {one.seed: [_prediction("test", i, i in wrong, CLASSES) for i in range(n)]
            for one, wrong in zip(seeds, wrong_on, strict=True)}  # fmt: skip
    table = [SeedPredictionRow(**vars(row), seed=seed) for seed, own in rows.items() for row in own]
    SeedPredictionRow.write_rows(evaluate / "seed_predictions.csv", table)
    labels, found = np.arange(n) % 2, []
    for own in rows.values():
        predicted = np.array([row.predicted for row in own])
        found.append(Predictions(np.where(np.arange(2) == predicted[:, None], 0.8, 0.2), predicted))
    measured = means_over_seeds(found, labels, CLASSES, Evaluate(bootstrap=50))
    metrics = EvaluationMetrics.read(evaluate / "metrics.json")
    of_seeds = SeedMetrics(n, [SeedRule(one.seed, 1.25, 0.5) for one in seeds], measured, measured)
    replace(metrics, seeds=of_seeds).write(evaluate / "metrics.json")
    return folder


def write_pictures(recipe: Path) -> None:
    """What `interpret` leaves, as small images."""
    for file in INTERPRETATION_IMAGES.values():
        (recipe / "interpret" / file).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(recipe / "interpret" / file)
    scores = {"versus_centre": Interval(0.251, 0.11, 0.42, 32), "evidence_versus_centre": None}
    verdict = MapScores("these maps are not to be trusted (failed: <noise>)", False, 32, scores)
    interpretation_summary(scores=verdict).write(recipe / "interpret" / "summary.json")


def path(split: str, i: int, classes: Sequence[str]) -> str:
    return f"{classes[i % len(classes)]}/{split}_{i}.jpg"


def _prediction(split: Split, i: int, wrong: bool, classes: Sequence[str]) -> PredictionRow:
    label = i % len(classes)
    predicted = (label + 1) % len(classes) if wrong else label
    return PredictionRow(split, i, path(split, i, classes), label, predicted, 0.8, 0.2 if wrong else 0.8, 0.5)


def _write_probabilities(file: Path, rows: Sequence[PredictionRow], classes: int) -> None:
    probabilities = np.full((len(rows), classes), 0.2 / max(1, classes - 1), dtype=np.float32)
    probabilities[np.arange(len(rows)), [row.predicted for row in rows]] = 0.8
    np.save(file, probabilities)
