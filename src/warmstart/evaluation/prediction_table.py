"""Reading the predictions that `evaluate` wrote, and pairing those of two recipes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from warmstart.errors import UserError
from warmstart.files.reading import damage
from warmstart.records.images import Split
from warmstart.records.predictions import OutOfFoldRow, PredictionRow, SeedPredictionRow

# In evaluate/.
PREDICTIONS_TABLE, PROBABILITIES = "predictions.csv", "probabilities.npy"
OUT_OF_FOLD_TABLE, OUT_OF_FOLD_PROBABILITIES = "out_of_fold.csv", "out_of_fold_probabilities.npy"
SEED_TABLE = "seed_predictions.csv"


@dataclass(frozen=True)
class PredictionTable:
    """In the order of the file: paths of the images, and labels and predicted classes as int64 (N,). by_seed: the
    classes that each of several seeds' networks predicts, int64 (seeds, N), ``predicted`` first; None with one seed.
    """

    source: Path
    paths: list[str]
    labels: np.ndarray
    predicted: np.ndarray
    by_seed: np.ndarray | None = None

    @property
    def correct(self) -> np.ndarray:
        """Whether each prediction is right, bool (N,)."""
        correct: np.ndarray = self.labels == self.predicted
        return correct

    @property
    def answers(self) -> np.ndarray:
        """Whether each seed's network is right, bool (seeds, N)."""
        answers: np.ndarray = self.labels == (self.predicted[None] if self.by_seed is None else self.by_seed)
        return answers


def read_predictions(path: str | Path, split: Split | None = "test") -> PredictionTable:
    """Read one split of predictions.csv, or all (None). Raises UserError where it is missing, damaged or empty."""
    columns = PredictionRow.iter_columns(path, "path", "label", "predicted", "split")
    return _table(Path(path), [line[:3] for line in columns if split in (None, line[3])])


def read_out_of_fold(path: str | Path) -> PredictionTable:
    """Read out_of_fold.csv. Raises UserError as ``read_predictions``."""
    return _table(Path(path), list(OutOfFoldRow.iter_columns(path, "path", "label", "predicted")))


def read_seed_predictions(table: PredictionTable, path: str | Path) -> PredictionTable:
    """The table of the test images with the predictions of all seeds, from seed_predictions.csv. Raises UserError where
    that is missing, damaged or of other predictions.
    """
    found: dict[int, list[int]] = {}
    images: dict[int, list[str]] = {}
    for name, predicted, seed in SeedPredictionRow.iter_columns(path, "path", "predicted", "seed"):
        found.setdefault(seed, []).append(predicted)
        images.setdefault(seed, []).append(name)
    first = next(iter(found.values()), [])
    if any(names != table.paths for names in images.values()) or first != table.predicted.tolist():
        raise damage(Path(path), f"it is not of the images and predictions of {table.source.name}", PredictionRow.WHAT)
    return replace(table, by_seed=np.array(list(found.values()), dtype=np.int64))


def _table(path: Path, lines: list[list]) -> PredictionTable:  # type: ignore[type-arg]
    if not lines:
        raise damage(path, "it has no line of them", PredictionRow.WHAT)
    paths, labels, predicted = zip(*lines, strict=True)
    return PredictionTable(path, list(paths), np.array(labels, dtype=np.int64), np.array(predicted, dtype=np.int64))


def pair_correct(first: PredictionTable, second: PredictionTable) -> tuple[np.ndarray, np.ndarray]:
    """Whether each of two recipes is right, bool (N,) each, for the same images in the same order; of several seeds the
    first, whose network is packaged. Raises UserError as ``pair_answers``.
    """
    one, two = pair_answers(first, second)
    return one[0], two[0]


def pair_answers(first: PredictionTable, second: PredictionTable) -> tuple[np.ndarray, np.ndarray]:
    """The same of all seeds, bool (seeds, N) each.

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
    return first.answers, second.answers[:, rows]
