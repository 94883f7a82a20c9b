"""Reading the predictions that `evaluate` wrote."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from warmstart.errors import UserError
from warmstart.files.cells import cell_path
from warmstart.files.plain import read_json
from warmstart.files.reading import damage, reading

FOLDS_FILE = "folds/folds.json"  # in model/
POOLED = "out_of_fold.csv"  # in evaluate/


@dataclass(frozen=True)
class Answers:
    """A table's answers in file order: paths, and labels and predicted classes as int64 (N,)."""

    source: Path
    paths: list[str]
    labels: np.ndarray
    predicted: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """Whether each prediction is right, bool (N,)."""
        answer: np.ndarray = self.labels == self.predicted
        return answer


def read_answers(path: str | Path, split: str | None = "test") -> Answers:
    """Read one split of a predictions.csv; None: all of it, as of an out_of_fold.csv. Raises UserError when it is missing or is not one that `evaluate` wrote."""
    path = Path(path)
    with reading(path, "a table of predictions"):
        with path.open(newline="", encoding="utf-8") as stream:
            rows = [row for row in csv.DictReader(stream) if split in (None, row["split"])]
        labels = np.array([int(row["label"]) for row in rows], dtype=np.int64)
        predicted = np.array([int(row["predicted"]) for row in rows], dtype=np.int64)
        if not rows:
            raise ValueError("it has no line of them")
        return Answers(path, [cell_path(row["path"]) for row in rows], labels, predicted)


def read_folds(model_dir: Path) -> int:
    """How many folds a recipe was trained on, 1 without folds. Raises UserError where the file that says so is damaged."""
    path = model_dir / FOLDS_FILE
    if not path.exists():
        return 1
    folds = read_json(path, "folds")["folds"]
    if not isinstance(folds, int) or folds < 1:
        raise damage(path, f"it says folds={folds}")
    return folds


def same_images(first: Answers, second: Answers) -> tuple[np.ndarray, np.ndarray]:
    """Whether each recipe was right, bool (N,) each, joined by path. Raises UserError unless both saw the same images
    with the same labels: figures of different images cannot be paired.
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
    return first.right, second.right[rows]
