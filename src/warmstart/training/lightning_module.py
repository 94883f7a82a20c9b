"""The LightningModule: loss, accuracy and optimizer of an ImageModel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import GradientAccumulationScheduler
from torch.optim.lr_scheduler import ReduceLROnPlateau

from warmstart.config.schema import Loss, ParamGroups
from warmstart.config.selection import ACCURACY
from warmstart.errors import UserError
from warmstart.models.image_model import ImageModel
from warmstart.models.logits import cross_entropy, predicted_classes, smoothed_labels
from warmstart.training.measurements import Measurements
from warmstart.training.messages import NO_OUTPUT_LAYER
from warmstart.training.mixing import build_mixing
from warmstart.training.param_groups import build_optimizer
from warmstart.training.parts import TrainingParts
from warmstart.training.schedulers import TrainingLength, build_scheduler
from warmstart.training.selection_score import selection_score

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


class Classifier(pl.LightningModule):
    """Trains an ImageModel on uint8 images (N, H, W, C), or only its head on cached features (N, D).

    At the end of each epoch it logs train/loss, train/acc, val/loss and val/acc (losses in nats, accuracies in [0, 1]),
    also as ``metrics``, which are float64; ``Trainer.test`` gives test/loss and test/acc, ``Trainer.predict``
    probabilities. options: None for a network that is not trained. n_train: training images, which scales the ridge
    penalty as in logistic regression. channels_last: the network's memory format; L-BFGS takes no such gradients.

    class_weights: float32 (classes,), weights in the loss that is minimised. The logged losses have no weights, so that
    they compare with those of other recipes and of evaluation. val_weights: the same for validation; with them
    val/balanced_loss is logged too, in which every class counts the same. Early stopping of a training with balanced
    classes must monitor that one, since learning a rare class well makes the plain loss rise. select_by: the metric of
    `config.selection` that keeps an epoch, logged as val/auroc and so on.
    """

    class_weights: torch.Tensor | None
    val_weights: torch.Tensor | None

    def __init__(
        self,
        model: ImageModel,
        options: LearningOptions | None = None,
        *,
        on_features: bool = False,
        n_train: int = 1,
        class_weights: torch.Tensor | None = None,
        val_weights: torch.Tensor | None = None,
        select_by: str = ACCURACY,
        channels_last: bool = True,
    ) -> None:
        super().__init__()
        self.model = model.to(memory_format=torch.channels_last) if channels_last else model  # type: ignore[call-overload]
        self.options, self.on_features = options, on_features
        self.loss = options.loss if options else Loss()
        self.ridge = (self.loss.ridge or 0.0) / n_train
        if self.ridge and getattr(model.network, "output_layer", None) is None:
            raise UserError(NO_OUTPUT_LAYER)
        self.mixing = build_mixing(self.loss, len(model.classes))
        self.register_buffer("class_weights", class_weights, persistent=False)
        self.register_buffer("val_weights", val_weights, persistent=False)
        self.metrics: dict[str, float] = {}
        self.train_measurements, self.test_measurements = Measurements(), Measurements()
        self.val_measurements = Measurements(balanced=val_weights is not None)
        self.select_by = select_by
        self.val_score = selection_score(select_by, len(model.classes))
        self._computed: tuple[torch.Tensor, torch.Tensor, int] | None = None  # of the batch

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
        self._computed = loss.detach(), correct, len(labels)
        if self.loss.label_smoothing:
            wanted = smoothed_labels(wanted, len(self.model.classes), self.loss.label_smoothing)
        if self.class_weights is not None or wanted is not labels:
            loss = cross_entropy(logits, wanted, self.class_weights)
        if self.ridge:
            weights: torch.Tensor = self.model.network.output_layer.weight  # type: ignore[union-attr,assignment]
            loss = loss + 0.5 * self.ridge * weights.square().sum()
        return loss

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_idx: int) -> None:
        """Measure the batch: L-BFGS computes one several times, and the last time counts."""
        if self._computed is not None:
            self.train_measurements.update(*self._computed)

    def validation_step(self, batch: Batch, index: int) -> None:
        """Measure a batch."""
        inputs, labels = batch
        logits = self(inputs)
        weights = self.val_weights
        balanced_loss = None if weights is None else cross_entropy(logits, labels, weights)
        self.val_measurements.update(*loss_and_correct(logits, labels), len(labels), balanced_loss)
        if self.val_score is not None:
            self.val_score.update(logits, labels)

    def test_step(self, batch: Batch, index: int) -> None:
        """Measure a batch."""
        inputs, labels = batch
        self.test_measurements.update(*loss_and_correct(self(inputs), labels), len(labels))

    def predict_step(self, batch: Batch | torch.Tensor, index: int) -> torch.Tensor:
        """Probabilities of a batch with or without labels, float32 (N, classes), at the model's temperature."""
        return self.model.probabilities(self(batch if isinstance(batch, torch.Tensor) else batch[0]))

    def on_validation_epoch_end(self) -> None:
        """Log the metrics of training, whose last batch of the epoch comes before validation, and of validation."""
        self._log_measurements("train", self.train_measurements)
        self._log_measurements("val", self.val_measurements)
        if self.val_score is not None:
            self._log({f"val/{self.val_score.name}": self.val_score.compute()})

    def on_test_epoch_end(self) -> None:
        """Log the metrics of the test data."""
        self._log_measurements("test", self.test_measurements)

    def _log_measurements(self, split: str, measurements: Measurements) -> None:
        if measurements.update_called:
            metrics = {f"{split}/{name}": float(value) for name, value in measurements.compute().items()}
            measurements.reset()
            self._log(metrics)

    def _log(self, metrics: dict[str, float]) -> None:
        self.metrics |= metrics
        self.log_dict(metrics, sync_dist=True)  # for early stopping, as float32; ``metrics`` are exact

    @property
    def stopping_metric(self) -> str:
        """The validation loss that early stopping and schedulers watch."""
        return "val/loss" if self.val_weights is None else "val/balanced_loss"

    def configure_optimizers(self) -> Any:
        """The optimizer of all trainable parameters, and the scheduler of its learning rate."""
        options = self.options
        if options is None:
            raise ValueError("this Classifier was made without LearningOptions, so it cannot be trained")
        parts = options.parts
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
        batches = self._batches_per_epoch()
        if accumulate is None:
            return -(-batches // self.trainer.accumulate_grad_batches)
        return max(1, round(sum(-(-batches // many) for many in accumulate) / epochs))

    def _batches_per_epoch(self) -> int:
        """Training batches, from a loader of its own: one that Lightning makes now, before it restores the resume
        checkpoint, would begin with the first epoch's images.
        """
        data: Any = getattr(self.trainer, "datamodule", None)
        if data is None:
            self.trainer.fit_loop.setup_data()
            return int(self.trainer.num_training_batches)
        batches, limit = len(data.train_dataloader()), self.trainer.limit_train_batches
        return min(batches, limit) if isinstance(limit, int) else int(batches * limit)

    def lr_scheduler_step(self, scheduler: Any, metric: Any) -> None:
        """Step, but for a scheduler that watches a metric: Lightning calls that after the resume checkpoint is made."""
        if not isinstance(scheduler, ReduceLROnPlateau):
            scheduler.step()

    def on_train_epoch_end(self) -> None:
        """Log what a training without validation has measured, and step a scheduler that watches a metric."""
        self._log_measurements("train", self.train_measurements)
        for config in self.trainer.lr_scheduler_configs:
            if isinstance(config.scheduler, ReduceLROnPlateau):
                config.scheduler.step(self.metrics[str(config.monitor)])
