"""A packaged model that answers about images: what a program of one's own, and MLflow's server, ask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from warmstart.models.decision import decide
from warmstart.serving.images import read_images

if TYPE_CHECKING:
    from warmstart.models.image_model import ImageModel
    from warmstart.runtime.devices import DevicePlan

BATCH = 32


class PackagedModel:
    """A model with its preprocessing, class names, temperature and threshold. It answers as ``warmstart predict`` does."""

    def __init__(self, model: ImageModel) -> None:
        self.model = model.eval()

    @classmethod
    def load(cls, folder: str | Path) -> PackagedModel:
        """Load what ``evaluate`` wrote, such as ``artifacts/critters/recipes/scratch/evaluate/package``. Raises UserError."""
        from warmstart.models.package import load_package

        return cls(load_package(folder))

    def predict(self, images: Any) -> list[dict[str, Any]]:
        """Answer about images, on the processor: for each its ``class``, the ``probability`` of that class, and ``probabilities`` by
        class name, from 0 to 1 and summing to 1.

        images: image files' bytes, ``pathlib.Path``s or pixels, see ``warmstart.serving.images.read_images``. Raises UserError, naming
        the first image that is none of these; then nothing is answered.
        """
        arrays = read_images(images, self.model.preprocessing)
        answers = []
        for start in range(0, len(arrays), BATCH):
            probabilities, labels = ask(self.model, arrays[start : start + BATCH])
            for row, label in zip(probabilities.tolist(), labels.tolist(), strict=True):
                by_name = dict(zip(self.model.classes, row, strict=True))
                answers.append(
                    {"class": self.model.classes[label], "probability": row[label], "probabilities": by_name}
                )
        return answers


def ask(model: ImageModel, images: np.ndarray, compute: DevicePlan | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, float64 (N, classes), with the model's temperature, and classes, int64 (N,), by its threshold, of images uint8
    (N, size, size, channels). compute: where; None: where the model is, as precisely as it is.
    """
    import torch

    batch = torch.from_numpy(images)
    if compute:
        with compute.autocast():
            answers = model.predict_proba(batch.to(compute.device))
    else:
        answers = model.predict_proba(batch)
    probabilities: np.ndarray = answers.cpu().double().numpy()
    return probabilities, decide(probabilities, model.threshold)
