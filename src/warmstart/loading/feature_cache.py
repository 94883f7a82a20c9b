"""A frozen backbone's output for the training and validation images, computed once and kept in a file."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

from warmstart.compute import resolve_compute
from warmstart.data.preprocess import Preprocessing
from warmstart.data.store import ImageStore
from warmstart.errors import UserError
from warmstart.files import digest, read_json, replace_dir, write_json
from warmstart.models.backbone import Backbone
from warmstart.models.image_model import ImageModel
from warmstart.models.normalisation import backbone_preprocessing
from warmstart.models.transfer import pool_map
from warmstart.models.weights import load_weights
from warmstart.progress import progress

log = logging.getLogger(__name__)
BATCH = 32


def extract_features(config: Mapping[str, Any], images_dir: str | Path, out_dir: str | Path) -> None:
    """Run the backbone of ``config`` once over the training and validation images; write ``features.safetensors``, ``meta.json``.

    Stored are the vectors that heads take: ``avg`` always, and the head's own pooling. Raises UserError.
    """
    store = ImageStore(images_dir)
    spec, pools = config["backbone"], sorted({"avg", config["head"]["pool"]})
    preprocessing = backbone_preprocessing(spec, store)
    backbone = Backbone(spec["name"])
    load_weights(backbone, spec["weights"])
    compute = resolve_compute(config["trainer"])
    model = ImageModel(backbone, {}, preprocessing, store.classes).to(compute.device)
    backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    tensors: dict[str, np.ndarray] = {}
    for split in ("train", "val"):
        images = store.images(split)
        parts: dict[str, list[torch.Tensor]] = {pool: [] for pool in pools}
        starts = range(0, len(images), BATCH)
        with torch.inference_mode(), compute.autocast():
            for start in progress(starts, f"features of {split}", len(starts)):
                batch = torch.from_numpy(np.array(images[start : start + BATCH])).to(compute.device)
                features = model(batch)
                for pool in pools:
                    parts[pool].append(pool_map(features.float(), pool).cpu())
        tensors |= {f"{split}/{pool}": torch.cat(parts[pool]).numpy() for pool in pools}
    with replace_dir(out_dir) as folder:
        save_file(tensors, folder / "features.safetensors")
        write_json(folder / "meta.json", _identity(spec, preprocessing, store) | {"pools": pools, "precision": compute.precision})
    log.info("cached features of %d images", sum(len(store.labels(split)) for split in ("train", "val")))


def load_features(folder: str | Path, config: Mapping[str, Any], store: ImageStore, split: str) -> np.ndarray:
    """The cached vectors of a split, float32 (N, D).

    Raises UserError when there are none, or when they belong to another backbone, to other images or to another pooling.
    """
    folder, pool = Path(folder), config["head"]["pool"]
    again = "run `dvc repro feature_extract`, or `python pipelines/feature_extract.py` with the same options"
    if not (folder / "meta.json").exists():
        raise UserError(f"{folder} holds no cached features: {again}")
    meta = read_json(folder / "meta.json")
    wanted = _identity(config["backbone"], backbone_preprocessing(config["backbone"], store), store)
    differing = [key for key, value in wanted.items() if meta.get(key) != value]
    if differing or pool not in meta["pools"]:
        what = differing[0] if differing else f"head.pool={pool}"
        raise UserError(f"the cached features in {folder} do not match this run ({what}): {again}")
    array: np.ndarray = load_file(folder / "features.safetensors")[f"{split}/{pool}"]
    return array


def _identity(spec: Mapping[str, Any], preprocessing: Preprocessing, store: ImageStore) -> dict[str, Any]:
    return {
        "backbone": spec["name"],
        "weights": spec["weights"] if spec["weights"] in ("embedded", "published", "none") else digest(str(spec["weights"])),
        "preprocessing": preprocessing.to_dict(),
        "images": store.digest,
    }
