"""Choosing the ridge penalty of a linear layer on cached features, on validation."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence

import numpy as np

from warmstart.dataset.class_balance import class_weights
from warmstart.dataset.datamodule import Arrays
from warmstart.training.messages import RIDGE_CHOSEN

log = logging.getLogger(__name__)
MAX_ITERATIONS, TOLERANCE = 1000, 1e-5


def choose_ridge(grid: Sequence[float], train: Arrays, val: Arrays, n_classes: int, *, balanced: bool = False) -> float:
    """The penalty of ``grid``, in the units of ``loss.ridge``, with the lowest log loss on ``val``.

    train, val: vectors float32 (N, D) and labels int64 (N,). balanced: every class counts the same, in both. The larger
    of equal ones; the largest where there is nothing to choose by.
    """
    inputs, labels = np.asarray(train[0]), train[1]
    penalties = sorted(set(grid), reverse=True)
    # What has one class, or values that are no numbers, is refused or reported by the training.
    if len(penalties) == 1 or len(np.unique(labels)) < 2 or not np.isfinite(inputs.sum()):
        return penalties[0]
    losses = _validation_losses(penalties, (inputs, labels), val, n_classes, balanced)
    best = penalties[int(np.argmin(losses))]
    log.info(RIDGE_CHOSEN, best, ", ".join(f"{penalty:g}" for penalty in sorted(penalties)), min(losses))
    return best


def _validation_losses(
    penalties: Sequence[float], train: Arrays, val: Arrays, n_classes: int, balanced: bool
) -> list[float]:
    from sklearn.linear_model import LogisticRegression

    (inputs, labels), (val_inputs, val_labels) = train, (np.asarray(val[0]), val[1])
    weights, val_weights = (class_weights(each, n_classes)[each] if balanced else None for each in (labels, val_labels))
    model = LogisticRegression(max_iter=MAX_ITERATIONS, tol=TOLERANCE, warm_start=True)
    losses = []
    for penalty in penalties:  # the largest first: the next solution is near
        model.C = 1 / penalty if penalty else np.inf
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about iterations, of penalties that are too small to be chosen
            model.fit(inputs, labels, weights)
        probability = np.zeros((len(val_labels), n_classes))
        probability[:, model.classes_] = model.predict_proba(val_inputs)
        of_label = probability[np.arange(len(val_labels)), val_labels]
        losses.append(float(np.average(-np.log(of_label.clip(1e-12)), weights=val_weights)))
    return losses
