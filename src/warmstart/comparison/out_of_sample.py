"""What is said of each image by a model that has not learned from it: the ground on which a label may be doubted."""

from __future__ import annotations

import csv
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.row_array import RowArray
from warmstart.features.shards import shard_paths
from warmstart.files.cells import cell_path
from warmstart.files.plain import read_json
from warmstart.files.reading import damage, read_array, reading

log = logging.getLogger(__name__)
FOLDS = 5
MOST = 50_000  # training images that a linear probe is cross-validated on; memory and time grow with them
# The ridge penalty relative to the mean loss, whatever the number of images. Of 3 % wrong labels planted among 300, 800 and 3,000
# photos of cats and dogs it found 62 to 77 % at a precision of 75 to 91 %; weaker penalties name more and err more.
STRENGTH = 3.0
# Standard deviations at which a feature is cut. A feature that is almost always 0 has a tiny deviation, so a photo that has it at all
# would be judged by that one feature alone, with a probability of 1.000: of 560 right labels of small digits, 13 were doubted so, now 4.
CUT = 3.0


@dataclass(frozen=True)
class OutOfSample:
    """Some images. rows: the manifest's; labels: int64 (N,); probabilities: float (N, classes). seen_by: who says so, for a reader."""

    rows: list[dict[str, Any]]
    labels: np.ndarray
    probabilities: np.ndarray
    seen_by: str


def out_of_sample(store: ImageStore, features_dir: Path, evaluate_dir: Path, recipe: str) -> list[OutOfSample]:
    """Probabilities for as many images of ``store`` as there are some for.

    Of folds, the recipe's pooled predictions, which are of all images. Else cross-validation of a linear probe on the cached
    features for the training and validation images, and the recipe's predictions for the test images; without cached features, its
    predictions for validation and test images. evaluate_dir: the recipe's.
    """
    if (evaluate_dir / "out_of_fold.csv").exists():
        every = {row["path"]: row for split in SPLITS for row in store.rows(split)}
        return [_predicted(evaluate_dir, "out_of_fold", every, f"{recipe}, trained without it")]
    train, val = (cached_vectors(features_dir, store, split) for split in ("train", "val"))
    own = {
        row["path"]: row
        for split in SPLITS
        if split == "test" or (split == "val" and train is None)
        for row in store.rows(split)
    }
    parts = [_predicted(evaluate_dir, "predictions", own, f"{recipe}, trained without it")]
    if train is not None and val is not None:
        rows = [*store.rows("train"), *store.rows("val")]
        labels = np.concatenate([store.labels("train"), store.labels("val")])
        probabilities = cross_validate(
            np.concatenate([train, val]), labels, np.array([row["unit"] for row in rows]), len(store.classes)
        )
        if probabilities is not None:
            parts.insert(0, OutOfSample(rows, labels, probabilities, "a linear probe, trained without it"))
    return parts


def cross_validate(vectors: np.ndarray, labels: np.ndarray, units: np.ndarray, n_classes: int) -> np.ndarray | None:
    """Probabilities, float64 (N, classes), by logistic regression on vectors (N, D), standardised and cut at three standard deviations,
    each from a model of the other folds.

    units: (N,), what stays together. None where a class has too few units to be in every fold.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    fewest = min(len(np.unique(units[labels == label])) for label in range(n_classes))
    if fewest < FOLDS:
        return None
    probabilities = np.zeros((len(labels), n_classes))
    for learned, held_out in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(vectors, labels, units):
        model = make_pipeline(
            StandardScaler(), FunctionTransformer(_cut), LogisticRegression(C=STRENGTH / len(learned), max_iter=200)
        )
        model.fit(vectors[learned], labels[learned])
        probabilities[np.ix_(held_out, model.classes_)] = model.predict_proba(vectors[held_out])
    return probabilities


def _cut(standardised: np.ndarray) -> np.ndarray:
    return standardised.clip(-CUT, CUT)


def cached_vectors(features_dir: Path, store: ImageStore, split: str) -> np.ndarray | None:
    """The pooled features of a split, float32 (N, D); None where there are none of these images, or too many to learn from at once."""
    if not (features_dir / "meta.json").exists():
        return None
    meta = read_json(features_dir / "meta.json", "images", "counts")
    if meta["images"] != store.digest:
        return None
    if len(store.labels("train")) > MOST:
        log.info("with more than %d training images, only labels of validation and test images are doubted", MOST)
        return None
    with reading(features_dir / "meta.json"):
        shards = shard_paths(features_dir / split, "avg", meta["counts"][split])
    rows = RowArray(shards)
    if rows.ndim != 2 or rows.dtype != np.float32 or len(rows) != len(store.labels(split)):
        raise damage(shards[0], f"it holds {rows.dtype} {rows.shape} for {len(store.labels(split))} images")
    return np.asarray(rows)


def _predicted(folder: Path, name: str, rows: dict[str, dict[str, Any]], seen_by: str) -> OutOfSample:
    """What ``<name>.csv`` and its probabilities say of the images in ``rows`` (path → the manifest's row)."""
    path = folder / f"{name}.csv"
    array = folder / ("probabilities.npy" if name == "predictions" else f"{name}_probabilities.npy")
    with reading(path, "a table of predictions"), path.open(newline="", encoding="utf-8") as stream:
        told = [(cell_path(row["path"]), int(row["label"])) for row in csv.DictReader(stream)]
    probabilities = read_array(array, 2)
    if len(told) != len(probabilities):
        raise damage(path, f"it has {len(told)} lines, and {array.name} beside it {len(probabilities)}")
    places: Sequence[int] = [i for i, (photo, _) in enumerate(told) if photo in rows]
    labels = np.array([told[i][1] for i in places], dtype=np.int64)
    return OutOfSample(
        [rows[told[i][0]] for i in places], labels, probabilities[list(places)].astype(np.float64), seen_by
    )
