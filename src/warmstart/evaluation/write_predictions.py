"""predictions.csv and probabilities.npy of one network, the same of all images out of fold, and those of all seeds."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from warmstart.evaluation.class_predictions import Predictions, cross_entropies
from warmstart.evaluation.prediction_table import (
    OUT_OF_FOLD_PROBABILITIES,
    OUT_OF_FOLD_TABLE,
    PREDICTIONS_TABLE,
    PROBABILITIES,
    SEED_TABLE,
)
from warmstart.evaluation.predictions import SplitLogits
from warmstart.files.plain import write_bytes
from warmstart.records.images import Split
from warmstart.records.predictions import OutOfFoldRow, PredictionRow, SeedPredictionRow

Image = tuple[Split, int, str]  # split, place in the split's array, path


def write_predictions(folder: Path, parts: Sequence[tuple[SplitLogits, Predictions]]) -> None:
    """Write ``predictions.csv``, a line an image, and ``probabilities.npy``, float32 (N, classes), in its order."""
    images = [(part.split, row, path) for part, _ in parts for row, path in enumerate(part.paths)]
    labels = np.concatenate([part.labels for part, _ in parts])
    predictions = Predictions(
        np.concatenate([each.probabilities for _, each in parts]), np.concatenate([each.predicted for _, each in parts])
    )
    PredictionRow.write_rows(folder / PREDICTIONS_TABLE, prediction_rows(images, labels, predictions))
    _write_probabilities(folder / PROBABILITIES, predictions.probabilities)


def write_out_of_fold(
    folder: Path, images: Sequence[Image], labels: np.ndarray, predictions: Predictions, folds: np.ndarray
) -> None:
    """Write ``out_of_fold.csv`` and ``out_of_fold_probabilities.npy``, in the same way. folds: int64 (N,), the fold
    that tests on each image.
    """
    rows = prediction_rows(images, labels, predictions)
    OutOfFoldRow.write_rows(
        folder / OUT_OF_FOLD_TABLE,
        (OutOfFoldRow(**vars(row), fold=fold) for row, fold in zip(rows, folds.tolist(), strict=True)),
    )
    _write_probabilities(folder / OUT_OF_FOLD_PROBABILITIES, predictions.probabilities)


def write_seed_predictions(folder: Path, parts: Mapping[int, tuple[SplitLogits, Predictions]]) -> None:
    """Write ``seed_predictions.csv``, a line for each seed and image. parts: by seed, of the same images."""
    SeedPredictionRow.write_rows(
        folder / SEED_TABLE,
        (
            SeedPredictionRow(**vars(row), seed=seed)
            for seed, (part, predictions) in parts.items()
            for row in prediction_rows(
                [(part.split, row, path) for row, path in enumerate(part.paths)], part.labels, predictions
            )
        ),
    )


def prediction_rows(images: Sequence[Image], labels: np.ndarray, predictions: Predictions) -> Iterator[PredictionRow]:
    """A line for each of N images. labels: int64 (N,)."""
    p_true = predictions.probabilities[np.arange(len(labels)), labels]
    columns = (labels, predictions.predicted, predictions.confidence, p_true)
    losses = cross_entropies(predictions.probabilities, labels)
    for image, *values in zip(images, *(column.tolist() for column in (*columns, losses)), strict=True):
        yield PredictionRow(*image, *values)


def _write_probabilities(path: Path, probabilities: np.ndarray) -> None:
    buffer = io.BytesIO()
    np.save(buffer, probabilities.astype(np.float32))
    write_bytes(path, buffer.getvalue())
