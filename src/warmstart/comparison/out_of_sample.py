"""Probabilities for images by models that have not learned from them, by which labels may be doubted."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.row_array import RowArray
from warmstart.errors import UserError
from warmstart.evaluation.prediction_table import (
    OUT_OF_FOLD_PROBABILITIES,
    OUT_OF_FOLD_TABLE,
    PREDICTIONS_TABLE,
    PROBABILITIES,
    PredictionTable,
    read_out_of_fold,
    read_predictions,
)
from warmstart.features.shards import shard_paths
from warmstart.files.reading import damage, read_array
from warmstart.records.feature_cache import FeatureCacheMeta
from warmstart.records.images import Split

log = logging.getLogger(__name__)
N_FOLDS = 5
MAX_TRAIN_IMAGES = 50_000  # that a linear probe is cross-validated on; memory and time grow with them
# The ridge penalty relative to the mean loss, whatever the number of images. Of 3 % wrong labels planted among 300, 800
# and 3,000 photos of cats and dogs it found 62 to 77 % at a precision of 75 to 91 %; weaker penalties name more and err
# more.
RIDGE_PENALTY = 3.0
# Standard deviations at which a feature is clipped. A feature that is almost always 0 has a tiny deviation, so a photo
# that has it at all would be judged by that one feature alone, with a probability of 1.000: of 560 right labels of
# small digits, 13 were doubted so, with clipping 4.
MAX_STDS = 3.0


@dataclass(frozen=True)
class ImagePlace:
    """An image and its place in the array of its split. unit: images of one unit stay in one fold."""

    path: str
    split: Split
    row: int
    unit: int = 0


@dataclass(frozen=True)
class OutOfSample:
    """Of N images. labels: int64 (N,). probabilities: float64 (N, classes). seen_by: the model, for a reader."""

    images: list[ImagePlace]
    labels: np.ndarray
    probabilities: np.ndarray
    seen_by: str


def out_of_sample(store: ImageStore, features_dir: Path, evaluate_dir: Path, recipe: str) -> list[OutOfSample]:
    """Out-of-sample probabilities for as many images of ``store`` as there are some for.

    With folds, the recipe's out-of-fold predictions, which are of all images. Else cross-validation of a linear probe
    on the cached features for the training and validation images, and the recipe's predictions for the test images;
    without cached features, its predictions for validation and test images. evaluate_dir: the recipe's.
    """
    seen_by = f"{recipe}, trained without it"
    if (evaluate_dir / OUT_OF_FOLD_TABLE).exists():
        table, array = read_out_of_fold(evaluate_dir / OUT_OF_FOLD_TABLE), evaluate_dir / OUT_OF_FOLD_PROBABILITIES
        return [_predicted(table, array, _places(store, SPLITS), seen_by)]
    train, val = (cached_vectors(features_dir, store, split) for split in ("train", "val"))
    splits = ("val", "test") if train is None else ("test",)
    table = read_predictions(evaluate_dir / PREDICTIONS_TABLE, split=None)
    parts = [_predicted(table, evaluate_dir / PROBABILITIES, _places(store, splits), seen_by)]
    if train is not None and val is not None:
        images = _places(store, ("train", "val"))
        labels = np.concatenate([store.labels("train"), store.labels("val")])
        units = np.array([image.unit for image in images])
        probabilities = cross_validate(np.concatenate([train, val]), labels, units, len(store.classes))
        if probabilities is not None:
            parts.insert(0, OutOfSample(images, labels, probabilities, "a linear probe, trained without it"))
    return parts


def cross_validate(vectors: np.ndarray, labels: np.ndarray, units: np.ndarray, n_classes: int) -> np.ndarray | None:
    """Probabilities, float64 (N, classes), by logistic regression on vectors (N, D), standardised and clipped at
    ``MAX_STDS``, each from a model of the other folds.

    units: (N,), what stays together. None where a class has too few units to be in every fold.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    if min(len(np.unique(units[labels == label])) for label in range(n_classes)) < N_FOLDS:
        return None
    probabilities = np.zeros((len(labels), n_classes))
    for learned, held_out in StratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=0).split(vectors, labels, units):
        model = make_pipeline(
            StandardScaler(),
            FunctionTransformer(np.clip, kw_args={"a_min": -MAX_STDS, "a_max": MAX_STDS}),
            LogisticRegression(C=RIDGE_PENALTY / len(learned), max_iter=200),
        )
        model.fit(vectors[learned], labels[learned])
        probabilities[np.ix_(held_out, model.classes_)] = model.predict_proba(vectors[held_out])
    return probabilities


def cached_vectors(features_dir: Path, store: ImageStore, split: Split) -> np.ndarray | None:
    """The pooled features of a split, float32 (N, D); None where there are none of these images, or too many to learn
    from at once. Raises UserError for a damaged cache.
    """
    found = cache_of(features_dir, store)
    if found is None:
        return None
    folder, meta = found
    if len(store.labels("train")) > MAX_TRAIN_IMAGES:
        log.info(
            "with more than %d training images, only labels of validation and test images are doubted", MAX_TRAIN_IMAGES
        )
        return None
    shards = shard_paths(folder / split, "avg", meta.counts[split])
    rows = RowArray(shards)
    if rows.ndim != 2 or rows.dtype != np.float32 or len(rows) != len(store.labels(split)):
        raise damage(shards[0], f"it holds {rows.dtype} {rows.shape} for {len(store.labels(split))} images")
    return np.asarray(rows)


def cache_of(features_dir: Path, store: ImageStore) -> tuple[Path, FeatureCacheMeta] | None:
    """The cache of the largest images that it holds vectors of; of the dataset's own size where there is one."""
    sized = sorted(features_dir.glob("[0-9]*"), key=lambda folder: int(folder.name), reverse=True)
    for folder in (features_dir, *sized):
        if not (folder / "meta.json").exists():
            continue
        meta = FeatureCacheMeta.read(folder / "meta.json")
        try:
            view = store if folder is features_dir else ImageStore(store.folder, size=meta.preprocessing.size)
        except UserError:  # these images are not there any more
            continue
        if meta.images == view.pixels_digest:
            return folder, meta
    return None


def _places(store: ImageStore, splits: Sequence[str]) -> list[ImagePlace]:
    return [
        ImagePlace(row.path, row.split, row.row, row.unit or 0) for split in splits for row in store.manifest(split)
    ]


def _predicted(table: PredictionTable, array: Path, images: Sequence[ImagePlace], seen_by: str) -> OutOfSample:
    """The predictions for ``images``. array: the file with the probabilities of the table."""
    probabilities = read_array(array, 2)
    if len(table.paths) != len(probabilities):
        raise damage(table.source, f"it has {len(table.paths)} lines, and {array.name} beside it {len(probabilities)}")
    known = {image.path: image for image in images}
    rows = [row for row, path in enumerate(table.paths) if path in known]
    found = [known[table.paths[row]] for row in rows]
    return OutOfSample(found, table.labels[rows], probabilities[rows].astype(np.float64), seen_by)
