"""The LightningModule: loss, accuracy and optimizer of an ImageModel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import GradientAccumulationScheduler
from torch.optim.lr_scheduler import ReduceLROnPlateau

from warmstart.config.schema import Loss, ParamGroups
from warmstart.models.image_model import ImageModel
from warmstart.models.logits import cross_entropy, predicted_classes, smoothed_labels
from warmstart.training.mixing import build_mixing
from warmstart.training.param_groups import build_optimizer
from warmstart.training.parts import TrainingParts
from warmstart.training.schedulers import TrainingLength, build_scheduler

Batch = tuple[torch.Tensor, torch.Tensor]


def loss_and_correct(logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean cross-entropy in nats and the number of correct predictions, of logits (N, 1) or (N, classes)."""
    return cross_entropy(logits, labels), (predicted_classes(logits.float()) == labels).sum()


@dataclass(frozen=True)
class LearningOptions:
    """How the weights of a network learn. loss: what is minimised. interval, monitor: of the scheduler, in Lightning's
    words.
    """

    parts: TrainingParts
    param_groups: ParamGroups = field(default_factory=ParamGroups)
    loss: Loss = field(default_factory=Loss)
    interval: str = "epoch"
    monitor: str | None = None


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
        options: LearningOptions,
        *,
        on_features: bool,
        n_train: int,
        class_weights: torch.Tensor | None = None,
        val_weights: torch.Tensor | None = None,
    ) -> None:
        super().__init__()
        self.model = model
        self.options = options
        self.on_features = on_features
        self.ridge = (options.loss.ridge or 0.0) / n_train
        self.mixing = build_mixing(options.loss, len(model.classes))
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
        wanted = labels
        if self.mixing is not None and not self.on_features:
            mixed, wanted = self.mixing(self.model.normalise(inputs), labels)
            logits = self.model.network(mixed)
        else:
            logits = self(inputs)
        loss, correct = loss_and_correct(logits, labels if wanted is labels else wanted.argmax(1))
        self._batches["train"][index] = BatchResult(loss.detach(), correct, len(labels))
        if self.options.loss.label_smoothing:
            wanted = smoothed_labels(wanted, len(self.model.classes), self.options.loss.label_smoothing)
        if self.class_weights is not None or wanted is not labels:
            loss = cross_entropy(logits, wanted, self.class_weights)
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

    @property
    def stopping_metric(self) -> str:
        """The validation loss that early stopping and schedulers watch."""
        return "val/loss" if self.val_weights is None else "val/balanced_loss"

    def configure_optimizers(self) -> Any:
        """The optimizer of all trainable parameters, and the scheduler of its learning rate."""
        parts, options = self.options.parts, self.options
        optimizer = build_optimizer(parts.optimizer, self.model.network, options.param_groups)
        if parts.scheduler is None:
            return optimizer
        length = TrainingLength(int(self.trainer.max_epochs or 1), self._steps_per_epoch(), options.interval)
        scheduler = build_scheduler(parts.scheduler, optimizer, length)
        config = {
            "scheduler": scheduler,
            "interval": options.interval,
            "monitor": options.monitor or self.stopping_metric,
        }
        return {"optimizer": optimizer, "lr_scheduler": config}

    def _steps_per_epoch(self) -> int:
        """Steps of the optimizer in an epoch; their mean where callbacks change the accumulation between epochs."""
        epochs = int(self.trainer.max_epochs or 1)
        each = [callback for callback in self.trainer.callbacks if isinstance(callback, GradientAccumulationScheduler)]  # type: ignore[attr-defined]
        accumulate = [each[0].get_accumulate_grad_batches(epoch) for epoch in range(epochs)] if each else None
        self.trainer.fit_loop.setup_data()  # or the number of batches is not known yet
        batches = int(self.trainer.num_training_batches)
        if accumulate is None:
            return -(-batches // self.trainer.accumulate_grad_batches)
        return max(1, round(sum(-(-batches // many) for many in accumulate) / epochs))

    def lr_scheduler_step(self, scheduler: Any, metric: Any) -> None:
        """Step, but for a scheduler that watches a metric: Lightning calls that after the resume checkpoint is made."""
        if not isinstance(scheduler, ReduceLROnPlateau):
            scheduler.step()

    def on_train_epoch_end(self) -> None:
        """Step a scheduler that watches a metric."""
        for config in self.trainer.lr_scheduler_configs:
            if isinstance(config.scheduler, ReduceLROnPlateau):
                config.scheduler.step(self.metrics[str(config.monitor)])
