"""Logits of a classifier: one for two classes, where a logit above 0 predicts class 1, else one for each class."""

from __future__ import annotations

import torch
from torch.nn import functional


def n_logits(n_classes: int) -> int:
    """How many logits a network for so many classes gives."""
    return 1 if n_classes == 2 else n_classes


def probabilities(logits: torch.Tensor) -> torch.Tensor:
    """Logits (N, 1) or (N, classes) to probabilities (N, classes), in [0, 1]; two columns for one logit."""
    if logits.shape[1] == 1:
        positive = logits.sigmoid()
        return torch.cat([1 - positive, positive], dim=1)
    return logits.softmax(dim=1)


def log_probabilities(logits: torch.Tensor) -> torch.Tensor:
    """Logits (N, 1) or (N, classes) to logarithms of probabilities (N, classes); two columns for one logit."""
    if logits.shape[1] == 1:
        return functional.logsigmoid(torch.cat([-logits, logits], dim=1))
    return functional.log_softmax(logits, dim=1)


def smoothed_labels(labels: torch.Tensor, n_classes: int, smoothing: float) -> torch.Tensor:
    """Labels, int64 (N,) or probabilities (N, classes), with a share ``smoothing`` spread over all classes."""
    hard = labels.ndim == 1
    soft = functional.one_hot(labels, n_classes).float() if hard else labels
    return soft * (1 - smoothing) + smoothing / n_classes


def predicted_classes(logits: torch.Tensor) -> torch.Tensor:
    """Logits (N, 1) or (N, classes) to the most probable class, int64 (N,)."""
    return (logits[:, 0] > 0).long() if logits.shape[1] == 1 else logits.argmax(dim=1)


def cross_entropy(
    logits: torch.Tensor, labels: torch.Tensor, class_weights: torch.Tensor | None = None
) -> torch.Tensor:
    """Mean cross-entropy in nats, a scalar.

    logits: (N, 1) or (N, classes). labels: int64 (N,), or the probability of each class, float32 (N, classes).
    class_weights: float32 (classes,). With them, the loss of each image is multiplied by the weight of its class, and
    the sum is divided by N.
    """
    logits = logits.float()
    if labels.ndim == 2:
        weighted = labels if class_weights is None else labels * class_weights
        return -(weighted * log_probabilities(logits)).sum(1).mean()
    weights = None if class_weights is None else class_weights[labels]
    if logits.shape[1] == 1:
        return functional.binary_cross_entropy_with_logits(logits[:, 0], labels.float(), weight=weights)
    if weights is None:
        return functional.cross_entropy(logits, labels)
    return (functional.cross_entropy(logits, labels, reduction="none") * weights).mean()
