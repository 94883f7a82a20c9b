"""Out-of-fold predictions: each image is predicted by the one network that has not seen it, and all are pooled."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from warmstart.config.schema import Evaluate
from warmstart.config.selection import ACCURACY
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS
from warmstart.errors import UserError
from warmstart.evaluation import messages
from warmstart.evaluation.calibrated_predictions import CalibratedPredictions, predict_and_calibrate
from warmstart.evaluation.class_predictions import Predictions
from warmstart.evaluation.fold_models import load_fold_model
from warmstart.evaluation.metrics import accuracy_interval, split_metrics
from warmstart.evaluation.write_predictions import Image
from warmstart.records.evaluation import AsTrained, EvaluationMetrics, FoldAccuracy, MajorityClass
from warmstart.runtime.devices import DevicePlan


@dataclass(frozen=True)
class OutOfFoldPredictions:
    """Of all N images, in the manifest's order: of train.npy, of val.npy, of test.npy.

    labels, fold (whose network predicts the image), majority (the most frequent class of that fold's training images):
    int64 (N,). as_trained, shipped: see ``CalibratedPredictions``. rules: each fold's temperature and threshold.
    """

    images: list[Image]
    labels: np.ndarray
    fold: np.ndarray
    majority: np.ndarray
    as_trained: Predictions
    shipped: Predictions
    rules: list[tuple[float, float | None]]


def predict_out_of_fold(
    first: CalibratedPredictions,
    model_dir: Path,
    images_dir: Path,
    compute: DevicePlan,
    batch_size: int,
    select_by: str = ACCURACY,
) -> OutOfFoldPredictions:
    """Predict the images that each fold tests by its network, at the temperature and threshold found on its own
    validation images. first: the predictions of fold 0. select_by: the metric that thresholds are to raise.

    Raises UserError where a network is not of its fold, and unless every image is tested exactly once.
    """
    store = ImageStore(images_dir)
    images: list[Image] = [(split, row.row, row.path) for split in SPLITS for row in store.manifest(split)]
    n, classes = len(images), len(store.classes)
    fold, majority, tests = np.full(n, -1), np.full(n, -1), np.zeros(n, dtype=np.int64)
    as_trained, shipped = (Predictions(np.zeros((n, classes)), np.full(n, -1, dtype=np.int64)) for _ in range(2))
    rules = []
    for number in range(store.folds):
        view = ImageStore(images_dir, number)
        if number:
            loaded = load_fold_model(model_dir, images_dir, number)
            own = predict_and_calibrate(*loaded, compute, batch_size, select_by)
        else:
            own = first
        places = view.indices("test")
        tests[places] += 1
        fold[places] = number
        majority[places] = np.bincount(view.labels("train"), minlength=classes).argmax()
        for whole, part in ((as_trained, own.as_trained["test"]), (shipped, own.shipped["test"])):
            whole.probabilities[places], whole.predicted[places] = part.probabilities, part.predicted
        rules.append((own.temperature, own.threshold))
    if (tests != 1).any():
        raise UserError(
            f"the folds of {images_dir} test {int((tests == 0).sum())} images never: prepare the images again"
        )
    labels = np.concatenate([store.labels(split) for split in SPLITS])
    return OutOfFoldPredictions(images, labels, fold, majority, as_trained, shipped, rules)


def with_out_of_fold(
    metrics: EvaluationMetrics, pooled: OutOfFoldPredictions, classes: list[str], options: Evaluate
) -> EvaluationMetrics:
    """The metrics of fold 0 with those of all images out of fold in place of the test split's, and each fold's
    accuracy.
    """
    confidence, n, folds = options.confidence, len(pooled.labels), len(pooled.rules)
    correct = pooled.shipped.predicted == pooled.labels
    frequent = [classes[label] for label, _ in Counter(pooled.majority.tolist()).most_common()]
    majority = accuracy_interval(pooled.majority == pooled.labels, confidence)
    fold_accuracy = []
    for fold, rule in enumerate(pooled.rules):
        own = correct[pooled.fold == fold]
        fold_accuracy.append(FoldAccuracy(fold, len(own), accuracy_interval(own, confidence), *rule))
    return replace(
        metrics,
        test=split_metrics(pooled.shipped, pooled.labels, classes, options, pooled.fold),
        test_is=messages.out_of_fold_test_is(folds),
        as_trained=AsTrained(split_metrics(pooled.as_trained, pooled.labels, classes, options, pooled.fold)),
        majority=MajorityClass(frequent, n, majority),
        folds=folds,
        fold_accuracy=fold_accuracy,
    )
