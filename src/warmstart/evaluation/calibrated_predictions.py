"""The predictions of one network for validation and test images, as trained and with temperature and threshold."""

from __future__ import annotations

from dataclasses import dataclass

from warmstart.config.selection import ACCURACY
from warmstart.dataset.datamodule import ImageDataModule
from warmstart.dataset.image_store import ImageStore
from warmstart.evaluation.calibration import find_temperature
from warmstart.evaluation.class_predictions import Predictions
from warmstart.evaluation.predictions import BatchTime, SplitLogits, predict_logits
from warmstart.evaluation.speed import prediction_speed
from warmstart.evaluation.threshold import find_threshold
from warmstart.models.image_model import ImageModel
from warmstart.records.images import Split
from warmstart.records.prediction_speed import PredictionSpeed
from warmstart.runtime.devices import DevicePlan

EVALUATED_SPLITS: tuple[Split, ...] = ("val", "test")


@dataclass(frozen=True)
class CalibratedPredictions:
    """By split, ``val`` and ``test``. as_trained: at temperature 1, the most probable class. shipped: at
    ``temperature`` and ``threshold``, which were found on the validation images and so are optimistic there.
    speed: of the network on these images.
    """

    logits: dict[Split, SplitLogits]
    as_trained: dict[Split, Predictions]
    shipped: dict[Split, Predictions]
    temperature: float
    threshold: float | None
    speed: PredictionSpeed


def predict_and_calibrate(
    model: ImageModel, store: ImageStore, compute: DevicePlan, batch_size: int, select_by: str = ACCURACY
) -> CalibratedPredictions:
    """Predict the validation and test images of the store's fold, and find the temperature and, of two classes, the
    threshold on the validation images. Both are set in ``model``, which is moved to the CPU. select_by: the metric that
    the threshold is to raise.
    """
    model.temperature, model.threshold = 1.0, None
    data = ImageDataModule(store, eval_batch_size=batch_size)
    data.setup()
    times: list[BatchTime] = []
    logits = {
        split: SplitLogits(
            split,
            predict_logits(model, data.val_dataloader() if split == "val" else data.test_dataloader(), compute, times),
            store.labels(split),
            [row.path for row in store.manifest(split)],
        )
        for split in EVALUATED_SPLITS
    }
    speed = prediction_speed(model, store, compute, times)
    model.cpu()
    as_trained = {split: part.classify(model) for split, part in logits.items()}
    val = logits["val"]
    model.temperature = find_temperature(val.logits.numpy().astype("float64"), val.labels)
    if len(store.classes) == 2:
        model.threshold = find_threshold(val.probabilities(model)[:, 1], val.labels, select_by)
    shipped = {split: part.classify(model) for split, part in logits.items()}
    return CalibratedPredictions(logits, as_trained, shipped, model.temperature, model.threshold, speed)
