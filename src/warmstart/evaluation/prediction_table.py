"""Reading the predictions that `evaluate` wrote, and pairing those of two recipes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from warmstart.errors import UserError
from warmstart.files.reading import damage
from warmstart.records.images import Split
from warmstart.records.predictions import OutOfFoldRow, PredictionRow

# In evaluate/.
PREDICTIONS_TABLE, PROBABILITIES = "predictions.csv", "probabilities.npy"
OUT_OF_FOLD_TABLE, OUT_OF_FOLD_PROBABILITIES = "out_of_fold.csv", "out_of_fold_probabilities.npy"


@dataclass(frozen=True)
class PredictionTable:
    """In the order of the file: paths of the images, and labels and predicted classes as int64 (N,)."""

    source: Path
    paths: list[str]
    labels: np.ndarray
    predicted: np.ndarray

    @property
    def correct(self) -> np.ndarray:
        """Whether each prediction is right, bool (N,)."""
        correct: np.ndarray = self.labels == self.predicted
        return correct


def read_predictions(path: str | Path, split: Split | None = "test") -> PredictionTable:
    """Read one split of predictions.csv, or all (None). Raises UserError where it is missing, damaged or empty."""
    columns = PredictionRow.iter_columns(path, "path", "label", "predicted", "split")
    return _table(Path(path), [line[:3] for line in columns if split in (None, line[3])])


def read_out_of_fold(path: str | Path) -> PredictionTable:
    """Read out_of_fold.csv. Raises UserError as ``read_predictions``."""
    return _table(Path(path), list(OutOfFoldRow.iter_columns(path, "path", "label", "predicted")))


def _table(path: Path, lines: list[list]) -> PredictionTable:  # type: ignore[type-arg]
    if not lines:
        raise damage(path, "it has no line of them", PredictionRow.WHAT)
    paths, labels, predicted = zip(*lines, strict=True)
    return PredictionTable(path, list(paths), np.array(labels, dtype=np.int64), np.array(predicted, dtype=np.int64))


def pair_correct(first: PredictionTable, second: PredictionTable) -> tuple[np.ndarray, np.ndarray]:
    """Whether each of two recipes is right, bool (N,) each, for the same images in the same order.

    Raises UserError unless both were tested on the same images with the same labels.
    """
    order = {path: i for i, path in enumerate(second.paths)}
    alone = set(first.paths) ^ set(second.paths)
    if alone or len(order) != len(first.paths):
        example = f", for example {min(alone)}" if alone else ""
        raise UserError(
            f"{first.source} and {second.source} are about different images ({len(alone)} in one only{example}): "
            "evaluate both recipes again"
        )
    rows = np.array([order[path] for path in first.paths], dtype=np.int64)
    if (first.labels != second.labels[rows]).any():
        path = first.paths[int(np.argmax(first.labels != second.labels[rows]))]
        raise UserError(f"{first.source} and {second.source} label {path} differently: evaluate both recipes again")
    return first.correct, second.correct[rows]
