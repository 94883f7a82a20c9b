"""A packaged model that classifies images, for a program of one's own and for MLflow's server."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import numpy as np

from warmstart.models.decision import decide
from warmstart.serving.read_images import read_images

if TYPE_CHECKING:
    from warmstart.models.image_model import ImageModel
    from warmstart.runtime.devices import DevicePlan

BATCH_SIZE = 32
# The probability is that of the class; probabilities are by class name, from 0 to 1, and sum to 1. unsure: whether the
# probability is below the package's limit; there is no such key where the package has no limit.
ImagePrediction = TypedDict(
    "ImagePrediction",
    {"class": str, "probability": float, "probabilities": dict[str, float], "unsure": NotRequired[bool]},
)


class PackagedModel:
    """A model with its preprocessing, classes, temperature and threshold. It predicts as ``warmstart predict`` does."""

    def __init__(self, model: ImageModel) -> None:
        self.model = model.eval()

    @classmethod
    def load(cls, folder: str | Path) -> PackagedModel:
        """Load what ``evaluate`` wrote, ``artifacts/<dataset>/recipes/<recipe>/evaluate/package``. Raises UserError."""
        from warmstart.serving.package import load_package

        return cls(load_package(folder))

    def predict(self, images: Any) -> list[ImagePrediction]:
        """Classify images on the CPU.

        images: image files' bytes, ``pathlib.Path``s or pixels, see ``warmstart.serving.read_images.read_images``.
        Raises UserError, naming the first image that is none of these; then there are no predictions.
        """
        arrays = read_images(images, self.model.preprocessing)
        predictions: list[ImagePrediction] = []
        for start in range(0, len(arrays), BATCH_SIZE):
            probabilities, labels = predict_batch(self.model, arrays[start : start + BATCH_SIZE])
            for row, label in zip(probabilities.tolist(), labels.tolist(), strict=True):
                name, by_name = self.model.classes[label], dict(zip(self.model.classes, row, strict=True))
                prediction: ImagePrediction = {"class": name, "probability": row[label], "probabilities": by_name}
                if (unsure := is_unsure(self.model, row[label])) is not None:
                    prediction["unsure"] = unsure
                predictions.append(prediction)
        return predictions


def has_unsure_limit(model: ImageModel) -> bool:
    """Whether its answers may be marked as unsure."""
    return model.unsure is not None and model.unsure.limit is not None


def is_unsure(model: ImageModel, confidence: float) -> bool | None:
    """Whether an answer is marked as unsure; None where the package has no limit. confidence: the probability of the
    predicted class.
    """
    return model.unsure.marks(confidence) if model.unsure else None


def predict_batch(
    model: ImageModel, images: np.ndarray, compute: DevicePlan | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, float64 (N, classes), with the model's temperature, and classes, int64 (N,), by its threshold.

    images: uint8 (N, size, size, channels). compute: the device and precision; None: those of the model.
    """
    import torch

    batch = torch.from_numpy(images)
    with compute.autocast() if compute else nullcontext():
        outputs = model.predict_proba(batch.to(compute.device) if compute else batch)
    probabilities: np.ndarray = outputs.cpu().double().numpy()
    return probabilities, decide(probabilities, model.threshold)
