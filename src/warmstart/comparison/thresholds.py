"""Precision against recall of a packaged recipe of two classes, and what other thresholds would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from warmstart.comparison.finished import FinishedRecipe
from warmstart.evaluation.prediction_table import PREDICTIONS_TABLE, PROBABILITIES
from warmstart.files.reading import damage, read_array
from warmstart.records.images import Split
from warmstart.records.predictions import PredictionRow
from warmstart.records.thresholds import ThresholdRow
from warmstart.statistics.intervals import CONFIDENCE, Interval
from warmstart.statistics.proportions import wilson_interval

THRESHOLDS = tuple(tenth / 10 for tenth in range(1, 10))


@dataclass(frozen=True)
class OperatingPoint:
    """One threshold. predicted: images above it. precision: None where there are none. recall: None without images of
    the class.
    """

    predicted: int
    precision: Interval | None
    recall: Interval | None
    accuracy: Interval


@dataclass(frozen=True)
class TradeOff:
    """Of a recipe as packaged, with folds of fold 0. rows: thresholds on validation images, ascending. precision,
    recall: float64 (M,), the curve on n test images, recall ascending. point: the packaged threshold on test images.
    share: of the second class among the test images.
    """

    recipe: str
    positive: str
    threshold: float
    rows: list[ThresholdRow]
    n: int
    precision: np.ndarray
    recall: np.ndarray
    point: OperatingPoint
    share: float


def trade_off(recipe: FinishedRecipe, classes: Sequence[str], confidence: float = CONFIDENCE) -> TradeOff | None:
    """The trade-off of the second class; None for more classes than two, or where the test images lack one.

    Raises UserError where the predictions of the recipe are damaged.
    """
    from sklearn.metrics import precision_recall_curve

    threshold = recipe.metrics.threshold
    if len(classes) != 2 or threshold is None:
        return None
    answers = _read(recipe)
    labels, predicted, scores = answers["test"]
    if len(np.unique(labels)) < 2:
        return None
    precision, recall, _ = precision_recall_curve(labels, scores)
    point = operating_point(labels, predicted, confidence)
    rows = threshold_rows(recipe.name, classes[1], *answers["val"], threshold, confidence)
    share = float(labels.mean())
    return TradeOff(recipe.name, classes[1], threshold, rows, len(labels), precision[::-1], recall[::-1], point, share)


def threshold_rows(
    recipe: str,
    positive: str,
    labels: np.ndarray,
    predicted: np.ndarray,
    scores: np.ndarray,
    packaged: float,
    confidence: float = CONFIDENCE,
) -> list[ThresholdRow]:
    """A row for each of 0.1 to 0.9 and for the packaged threshold, ascending. labels, predicted: int64 (N,), 0 or 1,
    predicted as packaged. scores: probabilities of class 1, (N,).
    """
    rows = []
    for threshold in sorted({*THRESHOLDS, packaged}):
        own = predicted if threshold == packaged else (scores > threshold).astype(np.int64)
        point = operating_point(labels, own, confidence)
        rows.append(
            ThresholdRow(
                recipe,
                positive,
                threshold,
                threshold == packaged,
                len(labels),
                point.predicted,
                **_columns("precision", point.precision),
                **_columns("recall", point.recall),
                **_columns("accuracy", point.accuracy),
            )
        )
    return rows


def operating_point(labels: np.ndarray, predicted: np.ndarray, confidence: float = CONFIDENCE) -> OperatingPoint:
    """Precision and recall of class 1, and accuracy. labels, predicted: int64 (N,), 0 or 1."""
    found = int((labels & predicted).sum())
    positives, above = int(labels.sum()), int(predicted.sum())
    return OperatingPoint(
        above,
        wilson_interval(found, above, confidence) if above else None,
        wilson_interval(found, positives, confidence) if positives else None,
        wilson_interval(int((labels == predicted).sum()), len(labels), confidence),
    )


def _columns(name: str, measured: Interval | None) -> dict[str, Any]:
    return measured.columns(name) if measured else dict.fromkeys((name, f"{name}_low", f"{name}_high"))


def _read(recipe: FinishedRecipe) -> dict[Split, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Of the validation and the test images: labels, predicted classes and probabilities of class 1, each (N,)."""
    folder = recipe.folder / "evaluate"
    probabilities = read_array(folder / PROBABILITIES, 2)
    lines = list(PredictionRow.iter_columns(folder / PREDICTIONS_TABLE, "split", "label", "predicted"))
    if probabilities.shape != (len(lines), 2):
        raise damage(
            folder / PREDICTIONS_TABLE, f"it has {len(lines)} lines, and {PROBABILITIES} is {probabilities.shape}"
        )
    splits = np.array([line[0] for line in lines])
    labels, predicted = (np.array([line[place] for line in lines], dtype=np.int64) for place in (1, 2))
    scores = probabilities[:, 1].astype(np.float64)
    found: dict[Split, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    for split in ("val", "test"):
        own = splits == split
        found[split] = labels[own], predicted[own], scores[own]
    return found
