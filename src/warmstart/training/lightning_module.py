"""The LightningModule: loss, accuracy and optimiser around a model. It knows nothing of files, and the model nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.nn import functional

from warmstart.models.image_model import ImageModel
from warmstart.runtime.lean import lightning
from warmstart.training.optimizers import build_optimizer

pl = lightning()
Batch = tuple[torch.Tensor, torch.Tensor]


def loss_and_correct(logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean cross-entropy in nats and the number of right answers; logits (N, 1) mean two classes."""
    logits = logits.float()
    if logits.shape[1] == 1:
        loss = functional.binary_cross_entropy_with_logits(logits[:, 0], labels.float())
        return loss, ((logits[:, 0] > 0) == labels.bool()).sum()
    return functional.cross_entropy(logits, labels), (logits.argmax(1) == labels).sum()


def weighted_loss(logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Cross-entropy in nats, each image's times the weight of its class, over the number of images. weights: float32 (classes,)."""
    logits, each = logits.float(), weights[labels]
    if logits.shape[1] == 1:
        return functional.binary_cross_entropy_with_logits(logits[:, 0], labels.float(), weight=each)
    return (functional.cross_entropy(logits, labels, reduction="none") * each).mean()


class Classifier(pl.LightningModule):  # type: ignore[name-defined,misc]
    """Trains an ImageModel on uint8 images (N, H, W, C), or its head alone on cached features (N, D).

    At the end of each epoch logs train/loss, train/acc, val/loss, val/acc (losses in nats, accuracies from 0 to 1).
    optimizer: the configuration group. n_train: images, which scales the ridge penalty as in logistic regression.

    class_weights: float32 (classes,), which the loss that is minimised gives each class; None: all the same. The losses logged are
    without them, so that they compare across recipes and with what evaluation reports. val_weights: the same for validation;
    given, val/balanced_loss is logged besides: the loss in which every class counts the same. Whoever trains with balanced
    classes must watch that one for early stopping: learning the rare class well makes the plain loss rise.
    """

    class_weights: torch.Tensor | None
    val_weights: torch.Tensor | None

    def __init__(
        self,
        model: ImageModel,
        optimizer: Mapping[str, Any],
        *,
        on_features: bool,
        n_train: int,
        class_weights: torch.Tensor | None = None,
        val_weights: torch.Tensor | None = None,
    ) -> None:
        super().__init__()
        self.model = model
        self.optimizer_options = dict(optimizer)
        self.on_features = on_features
        self.ridge = float(optimizer["l2"]) / n_train
        self.register_buffer("class_weights", class_weights, persistent=False)
        self.register_buffer("val_weights", val_weights, persistent=False)
        # Tensors, kept until the epoch ends: reading one each step would make the device wait for the host.
        self.figures: dict[str, float] = {}
        self._seen: dict[str, dict[int, tuple[torch.Tensor, torch.Tensor, int]]] = {"train": {}, "val": {}}
        self._balanced: list[torch.Tensor] = []

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Images or features, as set, to logits."""
        head: Any = self.model.network.head if self.on_features else None
        logits: torch.Tensor = head(inputs) if self.on_features else self.model(inputs)
        return logits

    def training_step(self, batch: Batch, index: int) -> torch.Tensor:
        """The loss of one batch. An optimiser that asks again for the same batch (L-BFGS) is counted once, at its last asking."""
        inputs, labels = batch
        logits = self(inputs)
        loss, hits = loss_and_correct(logits, labels)
        self._seen["train"][index] = (loss.detach(), hits, len(labels))
        if self.class_weights is not None:
            loss = weighted_loss(logits, labels, self.class_weights)
        if self.ridge:
            weights: torch.Tensor = self.model.network.output_layer.weight  # type: ignore[union-attr,assignment]
            loss = loss + 0.5 * self.ridge * weights.square().sum()
        return loss

    def validation_step(self, batch: Batch, index: int) -> None:
        """Count one batch."""
        inputs, labels = batch
        logits = self(inputs)
        loss, hits = loss_and_correct(logits, labels)
        self._seen["val"][index] = (loss, hits, len(labels))
        if self.val_weights is not None:
            self._balanced.append(weighted_loss(logits, labels, self.val_weights).double() * len(labels))

    def on_validation_epoch_end(self) -> None:
        """Log the epoch's figures; validation comes after the epoch's last training batch."""
        if self._balanced:
            self.figures["val/balanced_loss"] = float(sum(self._balanced)) / sum(
                n for _, _, n in self._seen["val"].values()
            )
            self._balanced.clear()
        for split, seen in self._seen.items():
            n = sum(size for _, _, size in seen.values())
            if n:
                self.figures[f"{split}/loss"] = float(sum(loss.double() * size for loss, _, size in seen.values())) / n
                self.figures[f"{split}/acc"] = float(sum(hits for _, hits, _ in seen.values())) / n
            seen.clear()
        self.log_dict(self.figures)  # for early stopping; Lightning rounds to float32, so the journal takes ``figures``

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """The optimiser over whatever may learn."""
        return build_optimizer(self.optimizer_options, [p for p in self.model.parameters() if p.requires_grad])
