"""The predictions of a network for images: logits are computed once, everything else is computed from them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch

from warmstart.dataset.datamodule import Batch
from warmstart.evaluation.class_predictions import Predictions
from warmstart.models.decision import decide
from warmstart.models.image_model import ImageModel
from warmstart.records.images import Split
from warmstart.runtime.devices import DevicePlan


def classify(probabilities: np.ndarray, threshold: float | None = None) -> Predictions:
    """Predictions from probabilities (N, classes). threshold: see ``decide``."""
    return Predictions(probabilities, decide(probabilities, threshold))


@dataclass(frozen=True)
class SplitLogits:
    """A network's output for one split. logits: float32 (N, outputs). labels: int64 (N,). paths: of the images."""

    split: Split
    logits: torch.Tensor
    labels: np.ndarray
    paths: list[str]

    def probabilities(self, model: ImageModel) -> np.ndarray:
        """float64 (N, classes), at the model's temperature."""
        array: np.ndarray = model.probabilities(self.logits).double().numpy()
        return array

    def classify(self, model: ImageModel) -> Predictions:
        """The predictions at the model's temperature and threshold."""
        return classify(self.probabilities(model), model.threshold)


@dataclass(frozen=True)
class BatchTime:
    """A batch of n images and the seconds that it took, its way to the device and back included."""

    n: int
    seconds: float


@torch.inference_mode()
def predict_logits(
    model: ImageModel, loader: Iterable[Batch], compute: DevicePlan, times: list[BatchTime] | None = None
) -> torch.Tensor:
    """Logits, float32 (N, outputs), of the batches of a loader: uint8 images (B, H, W, C), labels (B,).

    times: gets the time of each batch.
    """
    model.to(compute.device)
    parts = []
    with compute.autocast():
        for images, _ in loader:
            started = time.perf_counter()
            parts.append(model(images.to(compute.device)).float().cpu())
            if times is not None:
                times.append(BatchTime(len(images), time.perf_counter() - started))
    return torch.cat(parts)
