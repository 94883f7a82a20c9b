"""A frozen backbone's output for the images that heads train and validate on, computed once and kept on disk."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import torch

from warmstart.config.paths import WEIGHT_WORDS
from warmstart.config.schema import Backbone as BackboneOptions
from warmstart.config.stages import FeatureExtractConfig
from warmstart.config.weights_path import weights_file
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.dataset.row_array import RowArray, Rows
from warmstart.errors import UserError
from warmstart.features.shards import ShardWriter, shard_paths
from warmstart.files.digest import digest, sha256_file
from warmstart.files.plain import check_room, replace_dir
from warmstart.files.reading import damage, reading
from warmstart.models.backbone import Backbone
from warmstart.models.image_model import ImageModel
from warmstart.models.normalisation import backbone_preprocessing
from warmstart.models.transfer import pool_features
from warmstart.models.weights import load_weights
from warmstart.records.feature_cache import FeatureCacheMeta
from warmstart.records.feature_extraction import ExtractionTime, FeatureExtraction
from warmstart.records.images import Split
from warmstart.runtime.devices import DevicePlan, plan_device
from warmstart.runtime.progress import progress

log = logging.getLogger(__name__)
BATCH_SIZE = 32  # 16 to 128 are equally fast on a CPU, and reading them is under 1 % of the time
MAX_BYTES_IN_MEMORY = 1 << 30  # of a split's vectors; beyond, rows are read from disk
RERUN = "run `dvc repro feature_extract`, or `python pipelines/feature_extract.py` with the same options"


def extract_features(config: FeatureExtractConfig, images_dir: str | Path, out_dir: str | Path) -> None:
    """Run the configured backbone over the training and validation images, with folds over all images.

    Writes ``<split>/<pool>-00000.npy`` and so on (float32 (n, D), see ``shards``) and ``meta.json``, with the poolings
    ``avg`` and ``head.pool``; of images at another size than the dataset's into a folder of that size. Memory does not
    grow with the images. How long it took is in ``feature_extract.json`` beside ``out_dir``. Raises UserError, also
    where the disk has too little room; then the old files stay.
    """
    options, head, trainer = config.backbone, config.head, config.trainer
    assert options is not None and head is not None and trainer is not None
    sizes: Sequence[int | None] = config.sizes or [None]
    stores = [ImageStore(images_dir, size=size) for size in sizes]
    backbone = Backbone(options.name)
    load_weights(backbone, options.weights)
    plan = plan_device(trainer)
    widths = [_widths(backbone, sorted({"avg", head.pool}), store.size) for store in stores]
    total = sum(stores[0].prepared.counts.of(split) for split in _splits(stores[0]))
    values = sum(sum(each.values()) for each in widths)
    check_room(out_dir, 4 * total * values, f"the features of {total} images")
    times = []
    with replace_dir(out_dir) as folder:
        for store, each in zip(stores, widths, strict=True):
            started = time.perf_counter()
            _extract_at(store, options, backbone, each, cache_folder(folder, store), plan)
            times.append(ExtractionTime(store.size, total, time.perf_counter() - started))
        FeatureExtraction(times, plan.describe()).write(Path(out_dir).with_name(FeatureExtraction.FILE))
    sides = " and ".join(f"{store.size} px" for store in stores)
    log.info("cached features of %d images of %s", total, sides)


def cache_folder(folder: str | Path, store: ImageStore) -> Path:
    """Where in the cache ``folder`` the vectors of the store's images are: at the top for the dataset's own size, else
    in a folder of the size.
    """
    own = store.size == store.prepared.size
    return Path(folder) if own else Path(folder) / str(store.size)


def load_features(folder: str | Path, backbone: BackboneOptions, pool: str, store: ImageStore, split: str) -> Rows:
    """The cached vectors of a split of the store's fold, float32 (N, D): in memory, or on disk if they are many.

    Raises UserError if there are none, or if they are of another backbone, of other images or of another pooling.
    """
    folder = cache_folder(folder, store)
    if not (folder / "meta.json").exists():
        raise UserError(f"{folder} holds no cached features of images of {store.size} px: {RERUN}")
    meta = FeatureCacheMeta.read(folder / "meta.json")
    expected = _origin(backbone, backbone_preprocessing(backbone, store), store)
    differing = [name for name, value in expected.items() if getattr(meta, name) != value]
    if differing or pool not in meta.pools:
        what = differing[0] if differing else f"head.pool={pool}"
        raise UserError(f"the cached features in {folder} do not match this run ({what}): {RERUN}")
    counts = {str(part): count for part, count in meta.counts.items()}
    parts = SPLITS if store.fold else (split,)
    with reading(folder / "meta.json"):
        files = [path for part in parts for path in shard_paths(folder / part, pool, counts[part])]
        shape = (sum(counts[part] for part in parts), meta.widths[pool])
    missing = [path for path in files if not path.exists()]
    if missing:
        raise UserError(f"{missing[0]} is missing: {RERUN}")
    whole = RowArray(files)
    if whole.shape != shape or whole.dtype != np.float32:
        raise damage(files[0], f"it holds {whole.dtype} {whole.shape}, and should hold float32 {shape}")
    rows = whole.take(store.indices(split)) if store.fold else whole
    return rows if rows.nbytes > MAX_BYTES_IN_MEMORY else rows[:]


def features_digest(folder: str | Path, pool: str) -> str:
    """A digest of the cached vectors of a pooling, 64 hex digits. Raises UserError for a damaged meta.json."""
    files = FeatureCacheMeta.read(Path(folder) / "meta.json").files
    return digest({name: sha256 for name, sha256 in files.items() if name.rpartition("/")[2].startswith(f"{pool}-")})


def _splits(store: ImageStore) -> Sequence[Split]:
    return SPLITS if store.folds > 1 else SPLITS[:2]


def _widths(backbone: Backbone, pools: Sequence[str], size: int) -> dict[str, int]:
    channels, height, width = backbone.feature_shape(size)
    return {pool: channels if pool == "avg" else channels * height * width for pool in pools}


def _extract_at(
    store: ImageStore,
    options: BackboneOptions,
    backbone: Backbone,
    widths: dict[str, int],
    folder: Path,
    plan: DevicePlan,
) -> None:
    """Write the vectors of the store's images into ``folder``. widths: by pooling."""
    preprocessing = backbone_preprocessing(options, store)
    model = ImageModel(backbone, None, preprocessing, store.classes)
    model.to(plan.device)
    backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    files: dict[str, str] = {}
    counts: dict[Split, int] = {}
    for split in _splits(store):
        (folder / split).mkdir(parents=True)
        images = store.images(split)
        _extract(model, images, widths, folder / split, plan)
        counts[split] = len(images)
        files |= {path.relative_to(folder).as_posix(): sha256_file(path) for path in (folder / split).glob("*.npy")}
    FeatureCacheMeta(
        **_origin(options, preprocessing, store),
        pools=list(widths),
        precision=plan.precision,
        widths=widths,
        counts=counts,
        files=dict(sorted(files.items())),
    ).write(folder / "meta.json")


def _extract(model: ImageModel, images: RowArray, widths: Mapping[str, int], folder: Path, plan: DevicePlan) -> None:
    starts = range(0, len(images), BATCH_SIZE)
    with ExitStack() as stack:
        writers = {pool: stack.enter_context(ShardWriter(folder, pool, width)) for pool, width in widths.items()}
        stack.enter_context(torch.inference_mode())
        stack.enter_context(plan.autocast())
        for start in progress(starts, f"features of {folder.name}", len(starts)):
            features = model(torch.from_numpy(images[start : start + BATCH_SIZE]).to(plan.device)).float()
            for pool, out in writers.items():
                out.append(pool_features(features, pool).cpu().numpy())


def _origin(backbone: BackboneOptions, preprocessing: Preprocessing, store: ImageStore) -> dict[str, Any]:
    """The fields of FeatureCacheMeta that decide what the vectors are."""
    # A file of weights is identified by its content, wherever it is.
    file = None if backbone.weights in WEIGHT_WORDS else weights_file(backbone.name, backbone.weights)
    return {
        "backbone": backbone.name,
        "weights": sha256_file(file) if file else backbone.weights,
        "preprocessing": preprocessing.settings,
        "images": store.pixels_digest,
    }
