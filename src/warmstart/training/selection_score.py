"""The metric that keeps an epoch, measured on the validation batches as the network is trained: by torchmetrics, with
the values that the registry of metrics gives for the same probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torchmetrics import MeanSquaredError, Metric
from torchmetrics.classification import (
    BinaryAUROC,
    BinaryAveragePrecision,
    MulticlassAUROC,
    MulticlassAveragePrecision,
    MulticlassStatScores,
)

from warmstart.config.selection import ACCURACY, BALANCED_ACCURACY, SELECTABLE
from warmstart.errors import UserError
from warmstart.models.logits import predicted_classes, probabilities
from warmstart.training.messages import CLASS_NOT_VALIDATED

MEASURED_ANYWAY = (ACCURACY, "loss")
COUNTED = (BALANCED_ACCURACY, "f1")  # of classes, whose shares are then float64


class SelectionScore(nn.Module):
    """One metric of `config.selection` over the batches of an epoch. It moves with the module that holds it, and adds
    nothing to checkpoints.
    """

    def __init__(self, metric: str, n_classes: int) -> None:
        super().__init__()
        self.name, self.n_classes = metric, n_classes
        self.measured = _build(metric, n_classes)

    def update(self, logits: torch.Tensor, labels: torch.Tensor) -> None:
        """Add a batch. logits: (N, outputs). labels: int64 (N,)."""
        logits = logits.float()
        if self.name in COUNTED:
            self.measured.update(predicted_classes(logits), labels)
        elif self.name == "brier":
            self.measured.update(probabilities(logits).double(), functional.one_hot(labels, self.n_classes).double())
        else:
            scores = probabilities(logits)
            self.measured.update(scores[:, 1] if self.n_classes == 2 else scores, labels)

    def compute(self) -> float:
        """The value over all batches, which are then forgotten."""
        computed = self.measured.compute()
        self.measured.reset()
        if self.name in COUNTED:
            right, false_positive, _, _, true = computed.double().unbind(1)
            share = right / true if self.name == BALANCED_ACCURACY else 2 * right / (right + false_positive + true)
            return float(share[true > 0].mean())  # the first batches alone may lack a class
        # The mean is over the classes too, and for two of them Brier's score is of one.
        return float(computed) * (self.n_classes if self.name == "brier" and self.n_classes > 2 else 1)


def selection_score(metric: str, n_classes: int) -> SelectionScore | None:
    """What measures a metric; None for accuracy and loss, which are measured in any case."""
    return None if metric in MEASURED_ANYWAY else SelectionScore(metric, n_classes)


def check_classes(metric: str, val_labels: np.ndarray, classes: Sequence[str]) -> None:
    """Refuse (UserError) a metric that these validation images do not define. val_labels: int64 (N,)."""
    missing = [name for label, name in enumerate(classes) if not (val_labels == label).any()]
    if missing and SELECTABLE[metric].needs_every_class:
        raise UserError(CLASS_NOT_VALIDATED.format(metric, missing[0]))


def _build(metric: str, n_classes: int) -> Metric:
    unchecked: dict[str, Any] = {"validate_args": False}  # a check of a batch's values waits for the device
    if metric in COUNTED:
        return MulticlassStatScores(num_classes=n_classes, average=None, **unchecked)
    if metric == "brier":
        return MeanSquaredError().set_dtype(torch.float64)
    binary, multiclass = {
        "auroc": (BinaryAUROC, MulticlassAUROC),
        "average_precision": (BinaryAveragePrecision, MulticlassAveragePrecision),
    }[metric]
    return binary(**unchecked) if n_classes == 2 else multiclass(num_classes=n_classes, average="macro", **unchecked)
