"""The packaged answers of a recipe to the images that it is tested on, in an order that all recipes share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warmstart.comparison.finished import FinishedRecipe
from warmstart.evaluation.class_predictions import Predictions
from warmstart.evaluation.prediction_table import (
    OUT_OF_FOLD_PROBABILITIES,
    OUT_OF_FOLD_TABLE,
    PREDICTIONS_TABLE,
    PROBABILITIES,
)
from warmstart.files.reading import damage, read_array
from warmstart.records.predictions import OutOfFoldRow, PredictionRow


@dataclass(frozen=True)
class TestedAnswers:
    """Of N images by path. labels: int64 (N,). folds: int64 (N,), which network answered; 0 without folds."""

    __test__ = False  # no test, in the eyes of pytest

    predictions: Predictions
    labels: np.ndarray
    folds: np.ndarray

    @property
    def correct(self) -> np.ndarray:
        """Whether each answer is right, bool (N,)."""
        correct: np.ndarray = self.predictions.predicted == self.labels
        return correct


def read_answers(recipe: FinishedRecipe) -> TestedAnswers:
    """The answers of a recipe on the test images; with folds, out of fold to all images. Raises UserError where they
    are damaged.
    """
    folder = recipe.folder / "evaluate"
    if recipe.folds > 1:
        table, array = folder / OUT_OF_FOLD_TABLE, folder / OUT_OF_FOLD_PROBABILITIES
        lines = list(OutOfFoldRow.iter_columns(table, "split", "path", "label", "predicted", "fold"))
    else:
        table, array = folder / PREDICTIONS_TABLE, folder / PROBABILITIES
        lines = [[*line, 0] for line in PredictionRow.iter_columns(table, "split", "path", "label", "predicted")]
    probabilities = read_array(array, 2)
    if len(probabilities) != len(lines):
        raise damage(table, f"it has {len(lines)} lines, and {array.name} is {probabilities.shape}", PredictionRow.WHAT)
    tested = [place for place, line in enumerate(lines) if recipe.folds > 1 or line[0] == "test"]
    tested.sort(key=lambda place: lines[place][1])
    labels, predicted, folds = np.array([lines[place][2:] for place in tested], dtype=np.int64).T
    return TestedAnswers(Predictions(probabilities[tested].astype(np.float64), predicted), labels, folds)
