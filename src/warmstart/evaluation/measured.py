"""One network on its validation and test images: as it was trained, and as it ships."""

from __future__ import annotations

from dataclasses import dataclass

from warmstart.dataset.image_store import ImageStore
from warmstart.evaluation.calibration import find_temperature, find_threshold
from warmstart.evaluation.predictions import Classification, Predictions, predict
from warmstart.models.image_model import ImageModel
from warmstart.runtime.devices import DevicePlan

SPLITS = ("val", "test")


@dataclass(frozen=True)
class Measured:
    """Each by split, ``val`` and ``test``. parts: the logits. trained: at temperature 1, the most probable class.
    shipped: at ``temperature`` and ``threshold``, which were found on the validation images; those are flattered by it.
    """

    parts: dict[str, Predictions]
    trained: dict[str, Classification]
    shipped: dict[str, Classification]
    temperature: float
    threshold: float | None


def measure(model: ImageModel, store: ImageStore, compute: DevicePlan, batch_size: int) -> Measured:
    """Ask the network about the validation and test images of the store's fold, find its temperature and, of two classes, its
    threshold on the validation images, and set them in ``model``, which comes back on the CPU.
    """
    model.temperature, model.threshold = 1.0, None
    parts = {
        s: Predictions(s, predict(model, store.images(s), compute, batch_size), store.labels(s), store.rows(s))
        for s in SPLITS
    }
    model.cpu()
    trained = {split: part.classify(model) for split, part in parts.items()}
    val = parts["val"]
    model.temperature = find_temperature(val.logits.numpy().astype("float64"), val.labels)
    if len(store.classes) == 2:
        model.threshold = find_threshold(val.probabilities(model)[:, 1], val.labels)
    shipped = {split: part.classify(model) for split, part in parts.items()}
    return Measured(parts, trained, shipped, model.temperature, model.threshold)
