"""The model that a recipe begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.files.digest import sha256_file
from warmstart.models.build import network_spec
from warmstart.models.checkpoint import load_model
from warmstart.models.image_model import ImageModel
from warmstart.models.normalisation import backbone_preprocessing, plain_preprocessing
from warmstart.models.transfer import TransferNet
from warmstart.models.weights import load_weights

FEATURE_PHASES = ("probe", "cached")


@dataclass(frozen=True)
class Start:
    """A model ready to train, and where it comes from: None, or {recipe, checkpoint, sha256}."""

    model: ImageModel
    starts_from: dict[str, Any] | None


def build_initial_model(config: Mapping[str, Any], store: ImageStore, init_from: Path | None) -> Start:
    """Build the network of ``config["recipe"]`` with its first weights, random ones drawn from ``config["seed"]``.

    init_from: the checkpoint that a recipe with ``starts_from`` goes on from; another fold than the first goes on from that fold's.
    Raises UserError where it is missing or does not fit.
    """
    recipe = config["recipe"]
    meta = {
        "recipe": recipe["name"],
        "family": recipe["family"],
        "dataset": store.meta["dataset"],
        "dataset_digest": store.digest,
    }
    if store.folds > 1:
        meta["fold"] = store.fold
    torch.manual_seed(config["seed"])
    if recipe["phase"] == "fine_tune":
        return _continue(recipe, store, init_from, meta)
    if init_from is not None:
        raise UserError(
            f"init_from is set, but recipe {recipe['name']} does not start from a checkpoint; fine_tune does"
        )
    transfer = recipe["family"] == "transfer"
    spec = network_spec(
        {"kind": "transfer", **config["head"]} if transfer else {"kind": "convnet", **config["network"]},
        backbone=config["backbone"]["name"] if transfer else None,
        size=store.size,
        channels=store.meta["channels"],
        n_classes=len(store.classes),
    )
    preprocessing = backbone_preprocessing(config["backbone"], store) if transfer else plain_preprocessing(store)
    model = ImageModel.build(spec, preprocessing, store.classes, meta)
    if isinstance(model.network, TransferNet):
        load_weights(model.network.backbone, config["backbone"]["weights"])
    return Start(model, None)


def start_checkpoint(recipe: Mapping[str, Any], init_from: Path, fold: int) -> Path:
    """The checkpoint that a fold starts from: ``init_from``, or the fold's own in ``folds/<fold>`` beside it. Raises UserError without it."""
    path = init_from.parent / "folds" / str(fold) / "model.ckpt" if fold else init_from
    if path.is_file():
        return path
    if fold and init_from.is_file():
        raise UserError(
            f"{path} does not exist: fold {fold} has to start from a network that was trained on the same fold. "
            f"Train {recipe['starts_from']} on these images first (`dvc repro train@{recipe['starts_from']}`)"
        )
    raise UserError(
        f"{path} does not exist: train {recipe['starts_from']} first (`dvc repro train@{recipe['starts_from']}`), "
        "or set init_from to another checkpoint"
    )


def _continue(recipe: Mapping[str, Any], store: ImageStore, init_from: Path | None, meta: dict[str, Any]) -> Start:
    if init_from is None:
        raise UserError(f"recipe {recipe['name']} starts from a trained checkpoint: set init_from to one")
    init_from = start_checkpoint(recipe, init_from, store.fold)
    model = load_model(init_from)
    if model.classes != store.classes or model.preprocessing.size != store.size:
        raise UserError(
            f"{init_from} was trained on {model.preprocessing.size} px images of {', '.join(model.classes[:5])}; "
            f"the prepared images have {store.size} px and {', '.join(store.classes[:5])}"
        )
    if store.folds > 1 and (model.meta.get("dataset_digest"), model.meta.get("fold")) != (store.digest, store.fold):
        raise UserError(
            f"{init_from} was not trained on fold {store.fold} of these images, so it may have seen those that fold {store.fold} tests on: "
            f"train {recipe['starts_from']} on them again (`dvc repro train@{recipe['starts_from']}`), or set data.folds to null"
        )
    if not isinstance(model.network, TransferNet):
        raise UserError(f"{init_from} holds a network without a backbone; fine-tuning needs one with")
    model.network.backbone.unfreeze(recipe["unfreeze"])
    starts_from = {"recipe": model.meta.get("recipe"), "checkpoint": str(init_from), "sha256": sha256_file(init_from)}
    return Start(ImageModel(model.network, model.spec, model.preprocessing, model.classes, meta), starts_from)
