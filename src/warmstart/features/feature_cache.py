"""A frozen backbone's output for the images that heads train and validate on, computed once and kept on disk."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import torch

from warmstart.config.paths import WEIGHT_WORDS
from warmstart.config.weights_path import weights_file
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.dataset.row_array import RowArray, Rows
from warmstart.errors import UserError
from warmstart.features.shards import ShardWriter, shard_paths
from warmstart.files.digest import digest, sha256_file
from warmstart.files.plain import check_room, read_json, replace_dir, write_json
from warmstart.files.reading import damage, reading
from warmstart.models.backbone import Backbone
from warmstart.models.image_model import ImageModel
from warmstart.models.normalisation import backbone_preprocessing
from warmstart.models.transfer import pool_features
from warmstart.models.weights import load_weights
from warmstart.runtime.devices import Compute, resolve_compute
from warmstart.runtime.progress import progress

log = logging.getLogger(__name__)
FORMAT = 3  # of the files; 1 was one file for all, 2 had no digests
BATCH = 32  # 16 to 128 are equally fast on a CPU, and reading them is under 1 % of the time
HELD = (
    1 << 30
)  # bytes of a split's vectors up to which they are held in memory; beyond, rows are read as they are asked for


def extract_features(config: Mapping[str, Any], images_dir: str | Path, out_dir: str | Path) -> None:
    """Run the backbone of ``config`` once over the training and validation images, with folds over all of them; write
    ``<split>/<pool>-00000.npy`` and so on (float32 (n, D), see ``shards``) and ``meta.json``, which has their sha256.

    Stored are the vectors that heads take: ``avg`` always, and the head's own pooling. Peak memory does not grow with the
    images. Raises UserError, also where the disk has too little room; then what stood there before is left as it is.
    """
    store = ImageStore(images_dir)
    spec, pools = config["backbone"], sorted({"avg", config["head"]["pool"]})
    preprocessing = backbone_preprocessing(spec, store)
    backbone = Backbone(spec["name"])
    load_weights(backbone, spec["weights"])
    compute = resolve_compute(config["trainer"])
    model = ImageModel(backbone, {}, preprocessing, store.classes)
    channels, height, width = backbone.feature_shape(store.size)
    widths = {pool: channels if pool == "avg" else channels * height * width for pool in pools}
    model.to(compute.device)
    backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    images = {split: store.images(split) for split in (SPLITS if store.folds > 1 else SPLITS[:2])}
    total = sum(len(rows) for rows in images.values())
    check_room(out_dir, 4 * total * sum(widths.values()), f"the features of {total} images")
    with replace_dir(out_dir) as folder:
        for split, rows in images.items():
            (folder / split).mkdir()
            _extract(model, rows, widths, folder / split, compute)
        counts = {split: len(rows) for split, rows in images.items()}
        files = {path.relative_to(folder).as_posix(): sha256_file(path) for path in sorted(folder.rglob("*.npy"))}
        meta = {"pools": pools, "precision": compute.precision, "widths": widths, "counts": counts, "files": files}
        write_json(folder / "meta.json", _identity(spec, preprocessing, store) | meta)
    log.info("cached features of %d images", total)


def load_features(folder: str | Path, config: Mapping[str, Any], store: ImageStore, split: str) -> Rows:
    """The cached vectors of a split of the store's fold, float32 (N, D): an array, or rows on disk where there are many.

    Raises UserError when there are none, or when they belong to another backbone, to other images or to another pooling.
    """
    folder, pool = Path(folder), config["head"]["pool"]
    again = "run `dvc repro feature_extract`, or `python pipelines/feature_extract.py` with the same options"
    if not (folder / "meta.json").exists():
        raise UserError(f"{folder} holds no cached features: {again}")
    meta = read_json(folder / "meta.json", "pools", "counts", "widths")
    wanted = _identity(config["backbone"], backbone_preprocessing(config["backbone"], store), store)
    differing = [key for key, value in wanted.items() if meta.get(key) != value]
    if differing or pool not in meta["pools"]:
        what = differing[0] if differing else f"head.pool={pool}"
        raise UserError(f"the cached features in {folder} do not match this run ({what}): {again}")
    parts = SPLITS if store.fold else (split,)
    with reading(folder / "meta.json"):
        files = [path for part in parts for path in shard_paths(folder / part, pool, meta["counts"][part])]
        total, width = sum(meta["counts"][part] for part in parts), meta["widths"][pool]
    missing = [path for path in files if not path.exists()]
    if missing:
        raise UserError(f"{missing[0]} is missing: {again}")
    whole = RowArray(files)
    if whole.shape != (total, width) or whole.dtype != np.float32:
        raise damage(files[0], f"it holds {whole.dtype} {whole.shape}, and should hold float32 {(total, width)}")
    rows = whole.take(store.places(split)) if store.fold else whole
    return rows if rows.nbytes > HELD else rows[:]


def features_digest(folder: str | Path, pool: str) -> str:
    """What the cached vectors of a pooling are known by, 64 hex digits: their content. Raises UserError where meta.json does not say."""
    meta = read_json(Path(folder) / "meta.json")
    return digest(
        {name: sha256 for name, sha256 in meta["files"].items() if name.rpartition("/")[2].startswith(f"{pool}-")}
    )


def _extract(model: ImageModel, images: RowArray, widths: Mapping[str, int], folder: Path, compute: Compute) -> None:
    starts = range(0, len(images), BATCH)
    with ExitStack() as stack:
        writers = {pool: stack.enter_context(ShardWriter(folder, pool, width)) for pool, width in widths.items()}
        stack.enter_context(torch.inference_mode())
        stack.enter_context(compute.autocast())
        for start in progress(starts, f"features of {folder.name}", len(starts)):
            features = model(torch.from_numpy(images[start : start + BATCH]).to(compute.device)).float()
            for pool, out in writers.items():
                out.append(pool_features(features, pool).cpu().numpy())


def _identity(spec: Mapping[str, Any], preprocessing: Preprocessing, store: ImageStore) -> dict[str, Any]:
    # A file is known by its content, wherever it is.
    file = None if spec["weights"] in WEIGHT_WORDS else weights_file(spec["name"], spec["weights"])
    return {
        "format": FORMAT,
        "backbone": spec["name"],
        "weights": sha256_file(file) if file else spec["weights"],
        "preprocessing": preprocessing.to_dict(),
        "images": store.digest,
    }
