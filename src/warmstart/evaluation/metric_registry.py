"""The metrics that are reported of a recipe. With one entry here a metric stands in metrics.json, on the report page,
in MLflow, in what `warmstart report` prints and in `dvc metrics show`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from warmstart.evaluation.outcomes import WeightedOutcomes
from warmstart.records.metrics import IntervalMethod, Unit


@dataclass(frozen=True)
class Metric:
    """title: as a column's head. definition: what it is, for the report. function: its value on each of R resamples,
    float64 (R,), NaN where undefined. interval: ``wilson``, for a share of the images, or ``bootstrap``.
    needs_every_class: whether it is undefined where the images lack a class. ranks: whether it depends on the order of
    the scores alone. log_name: in MLflow, where not the key.
    """

    title: str
    unit: Unit
    higher_is_better: bool
    function: Callable[[WeightedOutcomes], np.ndarray]
    definition: str
    interval: IntervalMethod = "bootstrap"
    needs_every_class: bool = False
    ranks: bool = False
    log_name: str | None = None


def _accuracy(images: WeightedOutcomes) -> np.ndarray:
    return images.mean(images.outcomes.correct)


def _balanced_accuracy(images: WeightedOutcomes) -> np.ndarray:
    true, _, right = images.counts
    return np.asarray((right / true).mean(axis=1))


def _macro_f1(images: WeightedOutcomes) -> np.ndarray:
    return np.asarray(images.class_f1.mean(axis=1))


def _macro_auroc(images: WeightedOutcomes) -> np.ndarray:
    return np.asarray(images.ranked[0].mean(axis=1))


def _macro_average_precision(images: WeightedOutcomes) -> np.ndarray:
    return np.asarray(images.ranked[1].mean(axis=1))


def _log_loss(images: WeightedOutcomes) -> np.ndarray:
    return images.mean(images.outcomes.losses)


def _brier_score(images: WeightedOutcomes) -> np.ndarray:
    return images.mean(images.outcomes.squared_errors)


def _calibration_error(images: WeightedOutcomes) -> np.ndarray:
    """Naeini et al., "Obtaining well calibrated probabilities using Bayesian binning" (2015)."""
    gaps = np.abs(images.weights @ images.outcomes.calibration_gaps)
    return np.asarray(gaps.sum(axis=1) / images.weights.sum(axis=1))


METRICS: dict[str, Metric] = {
    "accuracy": Metric(
        "accuracy", "%", True, _accuracy, "share of the images whose predicted class is the true one",
        interval="wilson", log_name="acc",
    ),
    "balanced_accuracy": Metric(
        "balanced accuracy", "%", True, _balanced_accuracy, "mean over the classes of their recall",
        needs_every_class=True,
    ),
    "auroc": Metric(
        "AUROC", "", True, _macro_auroc,
        "probability that an image of a class scores higher for it than an image of another class; of two classes for "
        "the second, of more the mean over the classes, each against the rest",
        needs_every_class=True, ranks=True,
    ),
    "average_precision": Metric(
        "average precision", "", True, _macro_average_precision,
        "area under the precision-recall curve, in steps; of two classes for the second, of more the mean over the "
        "classes, each against the rest",
        needs_every_class=True, ranks=True,
    ),
    "f1": Metric(
        "F1, macro", "%", True, _macro_f1, "mean over the classes of the harmonic mean of precision and recall",
        needs_every_class=True,
    ),
    "loss": Metric(
        "log loss", "nats", False, _log_loss, "mean of −ln of the probability of the true class"
    ),
    "brier": Metric(
        "Brier score", "", False, _brier_score,
        "mean squared difference between probability and truth; of two classes for one of them, from 0 to 1, of more "
        "summed over the classes, from 0 to 2",
    ),
    "ece": Metric(
        "calibration error", "points", False, _calibration_error,
        "mean distance between confidence and accuracy over bins of equal width of the confidence in the predicted "
        "class (expected calibration error)",
    ),
}  # fmt: skip
