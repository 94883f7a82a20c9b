"""The labelled photos of a dataset as a recipe on cached features sees them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch

from warmstart.active_learning.messages import OTHER_FEATURES
from warmstart.active_learning.simulation import LabelledVectors, at_most
from warmstart.config.views import CACHE_PHASES
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.row_array import RowArray, Rows
from warmstart.errors import UserError
from warmstart.features.feature_cache import BATCH_SIZE, cache_folder
from warmstart.features.shards import shard_paths
from warmstart.files.digest import digest
from warmstart.files.reading import reading
from warmstart.models.image_model import ImageModel
from warmstart.models.transfer import TransferNet, pool_features
from warmstart.records.feature_cache import FeatureCacheMeta
from warmstart.records.images import Split
from warmstart.records.training_summary import TrainingSummary
from warmstart.runtime.devices import DevicePlan
from warmstart.runtime.progress import progress

POOL = "avg"  # which every cache holds


def is_on_cached_features(recipe: Path) -> bool:
    """Whether a recipe was trained on cached features, so that its network has the backbone they are of. recipe: its
    folder. Raises UserError for a damaged summary.json.
    """
    return TrainingSummary.read(recipe / "model" / "summary.json").phase in CACHE_PHASES


@dataclass(frozen=True)
class LabelledPhotos:
    """store: the images at the size of the recipe. folder, meta: of the cached features. recipe: trained on them."""

    store: ImageStore
    folder: Path
    meta: FeatureCacheMeta
    recipe: str

    def vectors(self, split: Split) -> Rows:
        """Cached features, float32 (N, D), read when rows are asked for. Raises UserError where they are damaged."""
        with reading(self.folder / "meta.json"):
            files = shard_paths(self.folder / split, POOL, self.meta.counts[split])
        rows = RowArray(files)
        if rows.shape != (len(self.store.labels(split)), self.meta.widths[POOL]):
            raise UserError(OTHER_FEATURES.format(folder=self.folder, recipe=self.recipe))
        return rows

    def sample(self, split: Split) -> LabelledVectors:
        """The photos of a split that are simulated with."""
        chosen = at_most(len(self.store.labels(split)), 0)
        return LabelledVectors(self.vectors(split)[chosen], self.store.labels(split)[chosen])

    def digest(self) -> str:
        """Of all that the simulation sees: the features and, by the dataset's digest, the labels."""
        return digest({"features": self.meta.files, "images": self.store.digest})


def find_labelled(dataset: Path, model: ImageModel) -> LabelledPhotos:
    """The labelled photos of a dataset, with the features that the recipe of ``model`` was trained on. dataset: its
    folder. Raises UserError where there are none, or others.
    """
    store = ImageStore(dataset / "images", size=model.preprocessing.size)
    folder = cache_folder(dataset / "feature_cache", store)
    meta = FeatureCacheMeta.read(folder / "meta.json")
    backbone = cast(TransferNet, model.network).backbone.name
    recipe = model.origin.recipe or ""
    found = (meta.backbone, meta.preprocessing, meta.images)
    if found != (backbone, model.preprocessing.settings, store.pixels_digest) or POOL not in meta.pools:
        raise UserError(OTHER_FEATURES.format(folder=folder, recipe=recipe))
    return LabelledPhotos(store, folder, meta, recipe)


def features_and_probabilities(
    model: ImageModel, images: np.ndarray, compute: DevicePlan
) -> tuple[np.ndarray, np.ndarray]:
    """Features, float32 (N, D), and probabilities, float64 (N, classes), of images uint8 (N, size, size, channels)."""
    network = cast(TransferNet, model.network)
    with torch.inference_mode(), compute.autocast():
        maps = network.backbone(model.normalise(torch.from_numpy(images).to(compute.device)))
        logits = network.head(pool_features(maps, network.pool))
        probabilities = model.probabilities(logits)
    return pool_features(maps.float(), POOL).cpu().numpy(), probabilities.cpu().double().numpy()


def compute_test_vectors(labelled: LabelledPhotos, model: ImageModel, compute: DevicePlan) -> LabelledVectors:
    """Test photos with their features, which no stage caches."""
    store = labelled.store
    chosen = at_most(len(store.labels("test")), 0)
    images = store.images("test")
    starts = range(0, len(chosen), BATCH_SIZE)
    found = [
        features_and_probabilities(model, images[chosen[start : start + BATCH_SIZE]], compute)[0]
        for start in progress(starts, "features of the test photos", len(starts))
    ]
    return LabelledVectors(np.concatenate(found), store.labels("test")[chosen])
