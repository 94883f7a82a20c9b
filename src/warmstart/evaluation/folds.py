"""Out of fold: every image answered by the one network that has not seen it, and all the answers pooled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS
from warmstart.errors import UserError
from warmstart.evaluation.measured import Measured, measure
from warmstart.evaluation.metrics import plain, split_metrics
from warmstart.evaluation.predictions import Classification, predictions_csv, write_probabilities
from warmstart.evaluation.read import FOLDS_FILE, POOLED, read_folds
from warmstart.files.plain import write_text
from warmstart.models.checkpoint import load_model
from warmstart.models.image_model import ImageModel
from warmstart.runtime.devices import DevicePlan
from warmstart.statistics.proportions import wilson_interval

PROBABILITIES = "out_of_fold_probabilities.npy"  # in evaluate/


@dataclass(frozen=True)
class Pooled:
    """The answers for all N images, in the manifest's order: of train.npy, of val.npy, of test.npy.

    labels, fold (which one's network answered), guesses (the most frequent class of that fold's training images): int64 (N,).
    rows: the manifest's. trained, shipped: as in ``Measured``. rules: the ``temperature`` and ``threshold`` of each fold's network.
    """

    rows: list[dict[str, Any]]
    labels: np.ndarray
    fold: np.ndarray
    guesses: np.ndarray
    trained: Classification
    shipped: Classification
    rules: list[dict[str, float | None]]


def folds_of(model_dir: Path) -> int:
    """How many folds a recipe was trained on, 1 without folds. Raises UserError where the training is not whole."""
    folds = read_folds(model_dir)
    for fold in range(1, folds):
        if not (kept := fold_checkpoint(model_dir, fold)).is_file():
            raise UserError(
                f"{kept} does not exist, but {model_dir / FOLDS_FILE} says that there are {folds} folds: train the recipe again"
            )
    return folds


def fold_checkpoint(model_dir: Path, fold: int) -> Path:
    """The kept network of a fold."""
    return model_dir / "folds" / str(fold) / "model.ckpt" if fold else model_dir / "model.ckpt"


def load_fold(model_dir: Path, store: ImageStore) -> ImageModel:
    """The kept network of the store's fold. Raises UserError where it is one of other images, or of another fold, whose test images
    it has seen.
    """
    path = fold_checkpoint(model_dir, store.fold)
    model = load_model(path)
    if model.meta["dataset_digest"] != store.digest:
        raise UserError(
            f"{model_dir} was trained on other images than {store.folder} holds: train it again, or prepare the images it was trained on"
        )
    if model.meta.get("fold", 0) != store.fold:
        raise UserError(
            f"{path} was trained on fold {model.meta['fold']} and has seen images that fold {store.fold} tests on: set model_dir to the folder "
            "that `train` wrote, which holds all folds"
        )
    return model


def pool(first: Measured, model_dir: Path, images_dir: Path, compute: DevicePlan, batch: int) -> Pooled:
    """Ask the network of every fold about the images that it tests, with the temperature and threshold that its own validation
    images say. first: what fold 0 has said. Raises UserError where a network is not of its fold, and unless every image is
    tested exactly once.
    """
    store = ImageStore(images_dir)
    rows = [row for split in SPLITS for row in store.rows(split)]
    fold, guesses, seen = np.full(len(rows), -1), np.full(len(rows), -1), np.zeros(len(rows), dtype=np.int64)
    said = {which: _nothing(len(rows), len(store.classes)) for which in ("trained", "shipped")}
    measured = []
    for number in range(store.folds):
        view = ImageStore(images_dir, number)
        measured.append(measure(load_fold(model_dir, view), view, compute, batch) if number else first)
        places = view.indices("test")
        seen[places] += 1
        fold[places] = number
        guesses[places] = np.bincount(view.labels("train"), minlength=len(store.classes)).argmax()
        for which, own in (("trained", measured[-1].trained["test"]), ("shipped", measured[-1].shipped["test"])):
            said[which].probabilities[places], said[which].predicted[places] = own.probabilities, own.predicted
    if (seen != 1).any():
        raise UserError(
            f"the folds of {images_dir} test {int((seen == 0).sum())} images never: prepare the images again"
        )
    rules = [{"temperature": each.temperature, "threshold": each.threshold} for each in measured]
    labels = np.concatenate([store.labels(split) for split in SPLITS])
    return Pooled(rows, labels, fold, guesses, said["trained"], said["shipped"], rules)


def _nothing(n: int, classes: int) -> Classification:
    return Classification(np.zeros((n, classes)), np.full(n, -1, dtype=np.int64))


def pooled_metrics(pooled: Pooled, classes: list[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """What metrics.json has instead of a test split's figures: ``test``, ``as_trained`` and ``majority`` of the pooled answers, and
    ``fold_accuracy``, with each fold's temperature and threshold.
    """
    confidence, n, folds = settings["confidence"], len(pooled.labels), len(pooled.rules)
    right = pooled.shipped.predicted == pooled.labels
    each = [right[pooled.fold == fold] for fold in range(folds)]
    guessed = [classes[label] for label, _ in Counter(pooled.guesses.tolist()).most_common()]
    guesses_right = int((pooled.guesses == pooled.labels).sum())
    test, trained = (
        split_metrics(said, pooled.labels, **settings, groups=pooled.fold) for said in (pooled.shipped, pooled.trained)
    )
    return {
        "test": test,
        "as_trained": {"test": trained},
        "majority": {"classes": guessed, "n": n, "accuracy": plain(wilson_interval(guesses_right, n, confidence))},
        "folds": folds,
        "test_is": f"pooled over {folds} folds: every image, answered by the network of the fold that has not seen it, each with the "
        "temperature and threshold that its own validation images say",
        "fold_accuracy": [
            {
                "fold": fold,
                "n": len(part),
                "accuracy": plain(wilson_interval(int(part.sum()), len(part), confidence)),
                **pooled.rules[fold],
            }
            for fold, part in enumerate(each)
        ],
    }


def write_pooled(folder: Path, pooled: Pooled) -> None:
    """Write ``out_of_fold.csv``, where split and row say in which array an image lies, and ``out_of_fold_probabilities.npy``, float32
    (N, classes), in the same order.
    """
    where = [(row["split"], row["row"], row["path"]) for row in pooled.rows]
    write_text(folder / POOLED, predictions_csv(where, pooled.labels, pooled.shipped, pooled.fold))
    write_probabilities(folder / PROBABILITIES, pooled.shipped.probabilities)
