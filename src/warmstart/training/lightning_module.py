"""The LightningModule: loss, accuracy and optimizer of an ImageModel."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytorch_lightning as pl
import torch

from warmstart.config.schema import Optimizer
from warmstart.models.image_model import ImageModel
from warmstart.models.logits import cross_entropy, predicted_classes
from warmstart.training.optimizers import build_optimizer

Batch = tuple[torch.Tensor, torch.Tensor]


def loss_and_correct(logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean cross-entropy in nats and the number of correct predictions, of logits (N, 1) or (N, classes)."""
    return cross_entropy(logits, labels), (predicted_classes(logits.float()) == labels).sum()


class BatchResult(NamedTuple):
    """loss: mean over the batch. Tensors, since reading a number in each step would make the device wait."""

    loss: torch.Tensor
    correct: torch.Tensor
    n: int


class Classifier(pl.LightningModule):
    """Trains an ImageModel on uint8 images (N, H, W, C), or only its head on cached features (N, D).

    At the end of each epoch it logs train/loss, train/acc, val/loss and val/acc (losses in nats, accuracies in [0, 1]),
    also as ``metrics``. n_train: training images, which scales the ridge penalty as in logistic regression.

    class_weights: float32 (classes,), weights in the loss that is minimised. The logged losses have no weights, so that
    they compare with those of other recipes and of evaluation. val_weights: the same for validation; with them
    val/balanced_loss is logged too, in which every class counts the same. Early stopping of a training with balanced
    classes must monitor that one, since learning a rare class well makes the plain loss rise.
    """

    class_weights: torch.Tensor | None
    val_weights: torch.Tensor | None

    def __init__(
        self,
        model: ImageModel,
        optimizer: Optimizer,
        *,
        on_features: bool,
        n_train: int,
        class_weights: torch.Tensor | None = None,
        val_weights: torch.Tensor | None = None,
    ) -> None:
        super().__init__()
        self.model = model
        self.optimizer_options = optimizer
        self.on_features = on_features
        self.ridge = optimizer.l2 / n_train
        self.register_buffer("class_weights", class_weights, persistent=False)
        self.register_buffer("val_weights", val_weights, persistent=False)
        self.metrics: dict[str, float] = {}
        # By number of the batch: L-BFGS computes a batch several times, and the last time counts.
        self._batches: dict[str, dict[int, BatchResult]] = {"train": {}, "val": {}}
        self._balanced_losses: list[torch.Tensor] = []

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Images or features to logits."""
        head: Any = self.model.network.head if self.on_features else None
        logits: torch.Tensor = head(inputs) if self.on_features else self.model(inputs)
        return logits

    def training_step(self, batch: Batch, index: int) -> torch.Tensor:
        """The loss of a batch that is minimised."""
        inputs, labels = batch
        logits = self(inputs)
        loss, correct = loss_and_correct(logits, labels)
        self._batches["train"][index] = BatchResult(loss.detach(), correct, len(labels))
        if self.class_weights is not None:
            loss = cross_entropy(logits, labels, self.class_weights)
        if self.ridge:
            weights: torch.Tensor = self.model.network.output_layer.weight  # type: ignore[union-attr,assignment]
            loss = loss + 0.5 * self.ridge * weights.square().sum()
        return loss

    def validation_step(self, batch: Batch, index: int) -> None:
        """Measure a batch."""
        inputs, labels = batch
        logits = self(inputs)
        self._batches["val"][index] = BatchResult(*loss_and_correct(logits, labels), len(labels))
        if self.val_weights is not None:
            self._balanced_losses.append(cross_entropy(logits, labels, self.val_weights).double() * len(labels))

    def on_validation_epoch_end(self) -> None:
        """Log the epoch's metrics. Validation comes after the epoch's last training batch."""
        if self._balanced_losses:
            n = sum(result.n for result in self._batches["val"].values())
            self.metrics["val/balanced_loss"] = float(sum(self._balanced_losses)) / n
            self._balanced_losses.clear()
        for split, batches in self._batches.items():
            results = list(batches.values())
            if n := sum(result.n for result in results):
                loss = float(sum(result.loss.double() * result.n for result in results))
                self.metrics[f"{split}/loss"] = loss / n
                self.metrics[f"{split}/acc"] = float(sum(result.correct for result in results)) / n
            batches.clear()
        self.log_dict(self.metrics)  # for early stopping, as float32; ``metrics`` are exact

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """The optimizer of all trainable parameters."""
        return build_optimizer(self.optimizer_options, [p for p in self.model.parameters() if p.requires_grad])
