"""What is measured of the images of an epoch, as a torchmetrics metric."""

from __future__ import annotations

import torch
from torchmetrics import Metric


class Measurements(Metric):
    """Mean cross-entropy in nats and accuracy in [0, 1] over images, of batches of different sizes.

    Sums are float64, so that nothing is rounded on the way, and added up over processes. ``torchmetrics.MeanMetric``
    checks each batch for NaN, for which the device has to wait, or without that check ignores the weights.
    balanced: with the mean of ``balanced_loss`` too.
    """

    full_state_update = False
    n: torch.Tensor
    loss: torch.Tensor
    correct: torch.Tensor
    balanced_loss: torch.Tensor

    def __init__(self, *, balanced: bool = False) -> None:
        super().__init__()
        self.balanced = balanced
        for name in ("n", "loss", "correct", "balanced_loss"):
            self.add_state(name, torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")

    def update(
        self, loss: torch.Tensor, correct: torch.Tensor, n: int, balanced_loss: torch.Tensor | None = None
    ) -> None:
        """Add a batch of n images. loss, balanced_loss: means over them. correct: how many are classified right."""
        self.n += n
        self.loss += loss.double() * n
        self.correct += correct
        if balanced_loss is not None:
            self.balanced_loss += balanced_loss.double() * n

    def compute(self) -> dict[str, torch.Tensor]:
        """``loss``, ``acc`` and, where asked for, ``balanced_loss``, float64 scalars."""
        means = {"loss": self.loss / self.n, "acc": self.correct / self.n}
        return means | ({"balanced_loss": self.balanced_loss / self.n} if self.balanced else {})
